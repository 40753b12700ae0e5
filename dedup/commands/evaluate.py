"""`dedup evaluate`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--gold",
    "gold_files",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Labels of a person: .jsonl, .csv, .tsv or .parquet; may be given several times.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
@click.option(
    "--worst",
    metavar="N",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="Most mistakes to show for each level or list of pairs.",
)
@click.option(
    "--label-sheet",
    "n_pairs",
    metavar="N",
    type=click.IntRange(min=1),
    help="Write the N pairs nearest to the border of a decision, to be labelled.",
)
@click.option(
    "--sheet-output",
    metavar="FILE.csv",
    type=click.Path(path_type=Path),
    help="Where the label sheet goes; must not exist yet.",
)
def evaluate(
    directory: Path,
    gold_files: tuple[Path, ...],
    as_json: bool,
    worst: int,
    n_pairs: int | None,
    sheet_output: Path | None,
) -> None:
    """Score a result against labels, or pick pairs to label.

    DIR is an output of `dedup cluster`. A FILE of --gold has for each article `id` with `cluster`,
    `story` or both, or for each of some pairs `id_a` and `id_b` with `label` or `relation`:
    duplicate, version, rewrite, quote, template, furniture, unrelated, or 1 and 0 for a copy and
    none. A sheet that a person has filled is such a FILE.

    \b
    Examples:
      dedup evaluate result --gold labels.csv
      dedup evaluate result --gold articles.parquet --gold pairs.jsonl --json
      dedup evaluate result --label-sheet 50 --sheet-output sheet.csv
    """
    if not gold_files and n_pairs is None:
        raise click.UsageError("Give --gold to score, --label-sheet to pick pairs, or both.")
    if (n_pairs is None) != (sheet_output is None):
        raise click.UsageError("--label-sheet and --sheet-output go together; give both.")
    from dedup import evaluation
    from dedup.report import scores
    from dedup.results import read

    if sheet_output:
        scores.check_sheet(sheet_output)
    result = read.read_directory(directory)
    golds = [evaluation.gold_of(read.read_table(path), str(path)) for path in gold_files]
    reports = [evaluation.score(result, gold, worst=worst) for gold in golds]
    n_written = 0
    if n_pairs and sheet_output:
        sheet = evaluation.label_sheet(result, n_pairs, golds)
        scores.write_sheet(sheet, sheet_output)
        n_written = sheet.num_rows
    if as_json:
        click.echo(scores.as_json(directory, reports, sheet_output, n_written))
        return
    scores.print_scores(reports)
    if sheet_output:
        click.echo(f"{n_written} pairs to label are in {sheet_output}")

"""The stages an article passes. Each takes and gives arrays and knows no other stage."""

"""How far a reader walks through the house to follow one way from its door to its end."""

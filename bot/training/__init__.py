"""Content -> Rasa training data, the training itself, and measuring what was learnt."""

"""From words to an Understanding: Rasa first, keyword search when Rasa is away."""

"""The take-home card as a PDF: its layout (card.typ), its letters (Noto Sans) and the call that makes it."""

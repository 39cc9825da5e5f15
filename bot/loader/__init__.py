"""Content files -> Library, or ContentError with every problem and its place."""

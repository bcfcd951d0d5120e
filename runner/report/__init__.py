"""What a run looks like: metrics, figures, HTML, terminal."""

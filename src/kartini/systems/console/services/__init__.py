"""The verbs of the console, one noun per file. Each leaves a line in the trail."""

"""What the overview shows, reckoned from counted traffic. No database, no clock."""

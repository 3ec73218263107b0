"""Command Center: what needs a decision now, with an owner and a deadline. Fed by the exchange only."""

"""The verbs: hear facts, take cases into hand, open screens; and the one large question, the board."""

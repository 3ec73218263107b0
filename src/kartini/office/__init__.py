"""What every counter needs: notices, papers, documents, payments, the calendar."""

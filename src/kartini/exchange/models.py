"""The outbox: facts wait here until every listener has heard them."""

from django.db import models

from kartini.kit.ids import new_id


class Delivery(models.Model):
    """One event on its way to one listener."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contract = models.CharField(max_length=100)
    listener = models.CharField(max_length=200)
    body = models.JSONField()
    written_at = models.DateTimeField(auto_now_add=True)
    delivered_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.contract} -> {self.listener} ({self.id})"

"""The catalogue: what the house offers to the world. A system declares a dataset in its ``handlers.py``::

    @dataset("izin-terbit-per-jenis", system="joss", title=_("…"), description=_("…"), columns=(…), …)
    def permits_by_type() -> Iterator[Row]: ...

Everything else follows from the declaration: pages, files, DCAT-AP, the CKAN actions, BPS metadata.
"""

from kartini.exchange.catalogue.declared import SMALL, Column, Dataset, Kind, Row, dataset, datasets

__all__ = ["SMALL", "Column", "Dataset", "Kind", "Row", "dataset", "datasets"]

"""The edge: a server and a port of its own, without Django in the request path.

Outside systems come in here: by the r1 protocol with a token or a signature. The public face of the log
is here too.
"""

import os

from kartini.kit.processes import die_with_parent

die_with_parent()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kartini.site.settings")

from kartini.exchange.edge.application import application  # noqa: E402

__all__ = ["application"]

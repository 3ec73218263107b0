"""The web process: Django behind granian."""

import os

from kartini.kit.processes import die_with_parent

die_with_parent()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kartini.site.settings")

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import get_resolver  # noqa: E402

application = get_wsgi_application()
#: every room is read now, so that the first caller does not wait for it
ROOMS = get_resolver().url_patterns

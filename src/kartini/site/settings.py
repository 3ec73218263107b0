"""One settings file: everything that differs between houses comes from the environment (KARTINI_…).

Defaults are for development on SQLite. Production is this file, an environment, and ``kartini check --deploy``.
"""

import os
from pathlib import Path

from csp.constants import NONCE, NONE, SELF, STRICT_DYNAMIC
from environs import Env

from kartini.site import rooms

env = Env(prefix="KARTINI_")
ROOT = Path(__file__).resolve().parents[3]

DATA_DIR = Path(env.str("DATA_DIR", str(ROOT / "var"))).resolve()
DEBUG = env.bool("DEBUG", False)
DEMO = env.bool("DEMO", False)
DEVELOPMENT_KEY = "development-key-not-for-production-0123456789"
SECRET_KEY = env.str("SECRET_KEY", DEVELOPMENT_KEY)
ALLOWED_HOSTS = env.list("HOSTS", ["localhost", "127.0.0.1", "[::1]", "testserver"])
BASE_URL = env.str("BASE_URL", f"http://localhost:{env.int('WEB_PORT', 8000)}")
WEB_PORT = env.int("WEB_PORT", 8000)
EXCHANGE_PORT = env.int("EXCHANGE_PORT", 8001)
EXCHANGE_PROCESSES = env.int("EXCHANGE_PROCESSES", min(2, os.cpu_count() or 1))
WORKER_PORT = env.int(
    "WORKER_PORT", 8002
)  # /live, /ready and /metrics of the worker, on this machine only
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
EXCHANGE_URL = env.str("EXCHANGE_URL", f"http://localhost:{EXCHANGE_PORT}")
OUTSIDE_PORT = env.int("OUTSIDE_PORT", 8010)
OUTSIDE_URL = env.str("OUTSIDE_URL", f"http://127.0.0.1:{OUTSIDE_PORT}")

# -- the regency and its systems
REGENCY_CODE = env.str("REGENCY_CODE", "33.20")
REGENCY_NAME = env.str("REGENCY_NAME", "Kabupaten Jepara")
REGENCY_SHORT = env.str("REGENCY_SHORT", "Jepara")
OFFICE_ADDRESS = env.list(
    "OFFICE_ADDRESS",
    ["Dinas Komunikasi dan Informatika", "Jl. Kartini, Jepara 59411"],
    delimiter=";",
)
OFFICE_HOURS = env.str("OFFICE_HOURS", "08.00–15.00 WIB")
INSTANCE = env.str("INSTANCE", "JPR")
NODE = env.str("NODE", "")  # tells the logs of one house apart where it stands on several nodes
DATA_LICENCE = env.str("DATA_LICENCE", "https://creativecommons.org/licenses/by/4.0/")
# networks that webhooks may reach besides the open internet: those of the regency
WEBHOOK_NETWORKS = env.list("WEBHOOK_NETWORKS", ["127.0.0.0/8", "::1/128"] if DEMO else [])
OFFICIAL_SITE = env.bool("OFFICIAL_SITE", False)
SYSTEMS = env.list("SYSTEMS", rooms.all_systems())

INSTALLED_APPS = [
    *(
        f"kartini.systems.{name}"
        for name in SYSTEMS
        if (ROOT / "src/kartini/systems" / name).is_dir()
    ),
    "kartini.site.apps.SiteConfig",
    "kartini.office",
    "kartini.people",
    "kartini.places",
    "kartini.exchange",
    "kartini.kit",
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "django_htmx",
    "leaflet",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "phonenumber_field",
    "django_tasks",
    "django_tasks_db",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
]
MIDDLEWARE = [
    "kartini.site.middleware.watched",
    "kartini.site.middleware.request_id",
    "kartini.exchange.hop.door",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "kartini.kit.middleware.PolicyOnce",
    "kartini.kit.remembered.remembered_pages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "kartini.kit.middleware.display_choices",
    "kartini.kit.middleware.language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "kartini.people.middleware.second_factor_for_staff",
]
ROOT_URLCONF = "kartini.site.urls"
WSGI_APPLICATION = "kartini.site.wsgi.application"
APPEND_SLASH = True

# -- pages
FORM_RENDERER = "kartini.kit.forms.KitRenderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kartini.kit.context.page",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "kartini.kit.templatetags.kit",
                "kartini.kit.templatetags.kit_frame",
                "kartini.kit.templatetags.kit_parts",
            ],
        },
    }
]
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder"]
MEDIA_ROOT = DATA_DIR / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "sealed": {"BACKEND": "kartini.office.sealing.SealedFiles"},
    "staticfiles": {
        "BACKEND": "kartini.kit.storage.HouseStatic"
        if env.bool("STATIC_MANIFEST", False)
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not env.bool("STATIC_MANIFEST", False)
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400

# -- language and time
LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "bahasa"
USE_TZ = True
TIME_ZONE = "Asia/Jakarta"
USE_THOUSAND_SEPARATOR = True

# -- data
_SQLITE = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 10,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON",
}
# connections are kept: opening one costs several times what is asked by it (on SQLite the whole schema is read)
_OWN_FILE = f"sqlite:///{DATA_DIR}/kartini.sqlite3"
DATABASES = {
    "default": env.dj_db_url("DATABASE_URL", _OWN_FILE, conn_max_age=60, conn_health_checks=True)
}
if "sqlite" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"]["OPTIONS"] = _SQLITE
    # a file, so that tests with threads meet the locks of the real thing
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
# the exchange's message log: "database" (a schema of its own on PostgreSQL) or "file" (DATA_DIR/log.sqlite3)
LOG_IN = env.str("LOG_IN", "database")
ARCHIVE_DIR = env.str("ARCHIVE_DIR", str(DATA_DIR / "archives"))  # old messages, moved by rule
# NATS servers that relay deliveries between workers; none: each worker looks into the outbox itself
RELAY: list[str] = env.list("RELAY", [])
# who keeps watch over the log: "<vkey> <url>" of each witness; an authority of time (RFC 3161) and its CA
WITNESSES: list[str] = env.list("WITNESSES", [])
TIMESTAMP_URL = env.str("TIMESTAMP_URL", f"{OUTSIDE_URL}/tsa/" if DEMO else "")
TIMESTAMP_CA = env.str("TIMESTAMP_CA", str(DATA_DIR / "outside/tsa/ca.pem") if DEMO else "")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(DATA_DIR / "cache"),
    }
}

# -- people
# keys that seal personal numbers: the text of a key ring; empty: a file in DATA_DIR/keys
SEALING_KEYS = env.str("SEALING_KEYS", "")
# the organisation whose administrators look after all accounts
STEWARD = env.str("STEWARD", "diskominfo")
# officers need a second factor, except in a demo
SECOND_FACTOR = not DEMO
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["kartini.people.backends.AccountBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
ACCOUNT_ADAPTER = "kartini.people.adapter.AccountAdapter"
MFA_ADAPTER = "kartini.people.adapter.MfaAdapter"
SOCIALACCOUNT_ADAPTER = "kartini.people.adapter.SocialAdapter"
ACCOUNT_FORMS = {
    "signup": "kartini.people.forms.SignupForm",
    "login": "kartini.people.forms.LoginForm",
    "reset_password": "kartini.people.forms.ResetPasswordForm",
    "confirm_password_reset_code": "kartini.people.forms.ConfirmResetForm",
    "reset_password_from_key": "kartini.people.forms.ResetPasswordKeyForm",
    "change_password": "kartini.people.forms.ChangePasswordForm",
    "set_password": "kartini.people.forms.SetPasswordForm",
    "reauthenticate": "kartini.people.forms.ReauthenticateForm",
    "verify_phone": "kartini.people.forms.VerifyPhoneForm",
    "change_phone": "kartini.people.forms.ChangePhoneForm",
    "add_email": "kartini.people.forms.ChangeEmailForm",
    "confirm_email_verification_code": "kartini.people.forms.ConfirmEmailForm",
}
ACCOUNT_SIGNUP_FIELDS = ["phone", "email*", "password1*"]  # our form asks for one of the two
ACCOUNT_LOGIN_METHODS = {"phone", "email", "username"}
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_USER_DISPLAY = "kartini.people.models.shown_name"
ACCOUNT_RATE_LIMITS = {
    "login": str(env.int("SIGN_INS_PER_MINUTE", 60)) + "/m/ip",
    "identity": "20/10m/ip,5/h/key",
    "help_in": "30/h/user,5/h/key",
}
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
MFA_FORMS = {
    "authenticate": "kartini.people.mfa_forms.AuthenticateForm",
    "reauthenticate": "kartini.people.mfa_forms.ReauthenticateForm",
    "activate_totp": "kartini.people.mfa_forms.ActivateTOTPForm",
    "add_webauthn": "kartini.people.mfa_forms.AddWebAuthnForm",
    "edit_webauthn": "kartini.people.mfa_forms.EditWebAuthnForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or DEMO
# log-in by an identity provider (OIDC) when one is configured
OIDC_TRUSTS_EMAIL = env.bool("OIDC_TRUSTS_EMAIL", False)
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = (
    OIDC_TRUSTS_EMAIL
)
SOCIALACCOUNT_LOGIN_ON_GET = (
    True  # a form that leads to the provider would break form-action 'self'
)
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "oidc",
                "name": env.str("OIDC_NAME", "SSO"),
                "client_id": env.str("OIDC_CLIENT_ID", ""),
                "secret": env.str("OIDC_SECRET", ""),
                "settings": {"server_url": env.str("OIDC_URL", "")},
            }
        ]
        if env.str("OIDC_URL", "")
        else [],
    }
}

# -- office: the outside verbs; the stand-ins answer in the demo
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.str("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = env.int("EMAIL_PORT", env.int("MAIL_PORT", 8025))
EMAIL_HOST_USER = env.str("EMAIL_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_TLS", False)
EMAIL_TIMEOUT = 5
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", "Kartini Kabupaten Jepara <kartini@jepara.invalid>")
WHATSAPP_URL = env.str("WHATSAPP_URL", f"{OUTSIDE_URL}/whatsapp")
QRIS_URL = env.str("QRIS_URL", f"{OUTSIDE_URL}/qris")
DUKCAPIL_URL = env.str("DUKCAPIL_URL", f"{OUTSIDE_URL}/dukcapil")
DUKCAPIL_KEY = env.str("DUKCAPIL_KEY", "peragaan")
WHATSAPP_TOKEN = env.str("WHATSAPP_TOKEN", "")
QRIS_MERCHANT = env.str("QRIS_MERCHANT", "JEPARA01")
QRIS_SECRET = env.str("QRIS_SECRET", DEVELOPMENT_KEY)
SIGNER = env.str("SIGNER", "kartini.office.signing.TestAuthority")
BSRE_URL = env.str("BSRE_URL", "")
BSRE_USER = env.str("BSRE_USER", "")
BSRE_PASSWORD = env.str("BSRE_PASSWORD", "")
VIRUS_SCAN = env.str("VIRUS_SCAN", "")  # clamd:/path/of/socket, clamd:host:port, or a dotted path
PAPERS_MAX_BYTES = env.int("PAPERS_MAX_BYTES", 5_000_000)
PAPERS_MOST_PIXELS = env.int("PAPERS_MOST_PIXELS", 50_000_000)
PAPERS_VAULT_BYTES = env.int("PAPERS_VAULT_BYTES", 200_000_000)  # per account

# -- security
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 8 * 3600
SECURE_HTTPS = env.bool("HTTPS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURE_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HTTPS
ALLAUTH_TRUSTED_PROXY_COUNT = int(SECURE_HTTPS)  # attempts count per visitor, not per proxy
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "kartini.site.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_ORIGINS", [BASE_URL])
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [NONCE, STRICT_DYNAMIC],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
_ACCEPTED: list[str] = env.list("ACCEPTED_WARNINGS", [])
SILENCED_SYSTEM_CHECKS = [name for name in _ACCEPTED if ".W" in name]

# -- logs: JSON on stderr, one request id through all processes
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "kartini.kit.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "WARNING")},
    "loggers": {"kartini": {"level": env.str("LOG_LEVEL", "INFO")}},
}

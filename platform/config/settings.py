"""Django's settings. Values come from the environment, only through `env`.

docker/env.example documents each variable. All installations use this module; its defaults are
safe for production.
"""

import os
from pathlib import Path

import django_stubs_ext

from config import env, hosts, keys
from embedded.postgres import cluster
from embedded.postgres.server import SOCKET_PORT, socket_dir
from embedded.privacy import disable_telemetry
from embedded.processes import options

disable_telemetry()  # For processes that neither manage.py nor the supervisor has started.
django_stubs_ext.monkeypatch()

VERSION = options.version()
BASE_DIR = Path(__file__).resolve().parents[2]
DATA_DIR = env.folder("DATA_DIR", BASE_DIR / "var")
HOST = env.text("HOST", "127.0.0.1")
PORT = env.integer("PORT", 8000)
PUBLIC_URL = env.text("PUBLIC_URL").rstrip("/")
READING_ROOM_DATA = env.folder("READING_ROOM_DATA", BASE_DIR.parent / "shared" / "data")

DEBUG = env.boolean("DEBUG")
SECRET_KEY = env.secret("SECRET_KEY") or keys.kept_secret_key(DATA_DIR)
ALLOWED_HOSTS = hosts.allowed(PUBLIC_URL, HOST)
CSRF_TRUSTED_ORIGINS = hosts.origins(PUBLIC_URL)
# Addresses and networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are trusted.
TRUSTED_PROXIES = list(env.networks("TRUSTED_PROXIES"))
# Maximum of open connections per client and web process (embedded.processes.http_protocol).
CONNECTIONS_PER_ADDRESS = env.integer("CONNECTIONS_PER_ADDRESS", 500, minimum=1)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "channels",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "template_partials.apps.SimpleAppConfig",
    "embedded",
    "accounts",
    "audit",
    "providers",
    "web",
    "workspaces",
    "ingestion",
    "chat",
]

MIDDLEWARE = [
    "web.middleware.django_on_loop.Security",
    "web.middleware.pages.security_headers",
    "web.middleware.django_on_loop.Sessions",
    "web.middleware.django_on_loop.Common",
    "web.middleware.django_on_loop.Csrf",
    "web.middleware.django_on_loop.Authentication",
    "web.middleware.pages.language_of_the_user",
    "web.middleware.django_on_loop.Messages",
    "web.middleware.django_on_loop.XFrameOptions",
    "django_htmx.middleware.HtmxMiddleware",
    "web.middleware.pages.htmx_redirects",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "web.templatetags.web",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "workspaces.context.navigation",
            ],
        },
    }
]

# --- Database ---

DATABASE_URL = env.secret("DATABASE_URL")
EMBEDDED_DATABASE = not DATABASE_URL
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **(
            {
                "NAME": cluster.DATABASE_NAME,
                "USER": cluster.DATABASE_USER,
                "HOST": str(socket_dir(DATA_DIR)),
                "PORT": SOCKET_PORT,
            }
            if EMBEDDED_DATABASE
            else env.database(DATABASE_URL, password=env.secret("DATABASE_PASSWORD"))
        ),
        "OPTIONS": {
            **env.database_options(DATABASE_URL),
            # Web processes set DATABASE_POOL, because they use a connection per database call. A
            # worker keeps one connection per task.
            **(
                {"pool": {"min_size": 1, "max_size": 20, "timeout": 10}}
                if env.boolean("DATABASE_POOL")
                else {}
            ),
        },
        # After a restart of the database the pool holds dead connections, which are replaced.
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Accounts ---

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["accounts.sign_in.password_hashing.BoundedPBKDF2Hasher"]
# Maximum of concurrent password hashes per web process; the default leaves one processor free. It
# must be below SIGN_IN_ATTEMPTS, because an attempt counts as failed until its hash is done.
PASSWORD_HASHES_AT_ONCE = env.integer(
    "PASSWORD_HASHES_AT_ONCE", min(4, max(1, (os.cpu_count() or 1) - 1)), minimum=1
)
# Maximum of password checks per network address that wait for a hash.
SIGN_INS_WAITING = env.integer("SIGN_INS_WAITING", 100)
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "workspace_list"
# Maximum of failed sign-ins per network address and e-mail address in SIGN_IN_WINDOW seconds.
SIGN_IN_ATTEMPTS = env.integer("SIGN_IN_ATTEMPTS", 10)
SIGN_IN_WINDOW = env.integer("SIGN_IN_WINDOW", 15 * 60)

SESSION_ENGINE = "accounts.sign_in.sessions"
# Cookies are shared by all ports of a host, so the port is part of the name: two servers may run on
# one machine.
SESSION_COOKIE_NAME = f"reading_room_session_{PORT}"
CSRF_COOKIE_NAME = f"reading_room_csrf_{PORT}"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- Language ---

LANGUAGE_CODE = "en"
# The language menu shows each language under its native name.
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LANGUAGE_COOKIE_NAME = f"reading_room_language_{PORT}"
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = SESSION_COOKIE_SECURE
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "overrides"]
TIME_ZONE = env.text("TIME_ZONE", "UTC")
USE_TZ = True

# --- Files ---

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
BLOB_DIR = DATA_DIR / "blobs"
FILE_UPLOAD_TEMP_DIR = str(DATA_DIR / "tmp")
FILE_UPLOAD_HANDLERS = ["ingestion.transfer.uploads.StreamToDisk"]
MAX_DOCUMENT_BYTES = env.integer("MAX_DOCUMENT_MB", 200) * 1024 * 1024
# Maximum size of all unfinished multi-part uploads of one user.
MAX_UNFINISHED_BYTES = env.integer("MAX_UNFINISHED_MB", 10_240) * 1024 * 1024
# Maximum size of a request with documents. Larger requests are refused before the body is read.
MAX_UPLOAD_BYTES = env.integer("MAX_UPLOAD_MB", 1024) * 1024 * 1024
# Maximum size of all other requests.
MAX_REQUEST_BYTES = DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 2000

# --- Web pages ---

# Networks that web pages may be fetched from; the word "public" stands for the internet. An empty
# list disables fetching.
FETCH_ALLOW = env.networks("FETCH_ALLOW", or_public=True)
# Proxy for fetched pages; HTTP_PROXY and HTTPS_PROXY are ignored.
FETCH_PROXY = env.secret("FETCH_PROXY")
# Timeout of one page, including redirects and robots.txt.
FETCH_SECONDS = env.integer("FETCH_SECONDS", 60)

# --- Watched folders ---

# Folders whose subfolders owners may connect to their workspaces. An entry `slug=/path` limits a
# folder to one workspace.
WATCH_ROOTS = env.listed("WATCH_ROOTS")
# Only administrators may create workspaces with these slugs, which give access to folders.
RESERVED_SLUGS = {entry.partition("=")[0].strip() for entry in WATCH_ROOTS if "=" in entry}
# Interval between scans of a folder.
WATCH_SECONDS = env.integer("WATCH_SECONDS", 60)
# Delay between the deletion of a file and the deletion of its document.
WATCH_GRACE_HOURS = env.integer("WATCH_GRACE_HOURS", 24)

# --- Processes and shared state ---

# Redis is the broker, counts failed sign-ins across web processes, and relays running answers.
# Without Redis, messages are files in DATA_DIR and one web process runs.
REDIS_URL = env.secret("REDIS_URL")
# This layer reaches sockets of the same process only. chat.answering.events.redis_relay carries
# events between processes, because sockets must open and stay open while Redis is down.
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
# The cache counts failed sign-ins. Django's default of 300 entries would let an attacker evict
# counters by guessing for many addresses.
_MEMORY_CACHE = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "OPTIONS": {"MAX_ENTRIES": 100_000},
}
_REDIS_CACHE = {
    "BACKEND": "web.shared_cache.SharedCache",
    "LOCATION": [REDIS_URL],
    "KEY_PREFIX": "reading-room",
}
CACHES = {
    "default": _REDIS_CACHE if REDIS_URL else _MEMORY_CACHE,
    # The fallback of SharedCache while Redis is away.
    "process_memory": {**_MEMORY_CACHE, "LOCATION": "process_memory"},
}
# --- Indexing ---

# Documents that one worker indexes concurrently. One workspace occupies at most all but one thread.
WORKER_THREADS = env.integer("WORKER_THREADS", 3, minimum=1)
# Limits of one document; parsing fails with an error beyond them.
PARSER_SECONDS = env.integer("PARSER_SECONDS", 300)
PARSER_MEMORY_BYTES = env.integer("PARSER_MEMORY_MB", 1024) * 1024 * 1024
PARSER_MAX_PAGES = env.integer("PARSER_MAX_PAGES", 10_000)
PARSER_MAX_CELLS = env.integer("PARSER_MAX_CELLS", 5_000_000)
PARSER_MAX_TAGS = env.integer("PARSER_MAX_TAGS", 3_000_000)
PARSER_MAX_PICTURES = env.integer("PARSER_MAX_PICTURES", 2_000)
# Timeout of a parse server per document, after which the built-in readers parse the document.
PARSE_SERVER_SECONDS = env.integer("PARSE_SERVER_SECONDS", 600)
# Maximum size of the cache of parsed texts; the least recently used are evicted first.
PARSED_TEXTS_BYTES = env.integer("PARSED_TEXTS_MB", 2048) * 1024 * 1024
# Limits of one archive: documents including those of nested archives, nesting depth, unpacked size.
MAX_ARCHIVE_DOCUMENTS = env.integer("MAX_ARCHIVE_DOCUMENTS", 2_000)
MAX_ARCHIVE_NESTING = env.integer("MAX_ARCHIVE_NESTING", 2)
MAX_ARCHIVE_BYTES = env.integer("MAX_ARCHIVE_MB", 2_048) * 1024 * 1024
# Concurrent embedding requests per worker and connection.
EMBEDDINGS_AT_ONCE = env.integer("EMBEDDINGS_AT_ONCE", 4, minimum=1)

# --- Defaults of workspaces ---

# Administrators may override these values (providers.connections.defaults).

WORKSPACE_DEFAULTS = {
    "chat_model": "builtin/extractive",
    "embedding_model": "builtin/static",
    "rerank_model": "",
    "system_prompt": "",
    "mode": "assist",
    "top_k": 8,
    "temperature": 0.2,
    "history_messages": 10,
    "chunk_tokens": 400,
    "chunk_overlap": 50,
    "ocr": True,
    "parse_server": "",
}

# Base URL of the connection that DEEPSEEK_API_KEY creates; administrators may change it later.
DEEPSEEK_URL = "https://api.deepseek.com"

# --- Answers ---

# Maximum length of a prompt: instructions, earlier messages, passages and the question.
PROMPT_TOKENS = env.integer("PROMPT_TOKENS", 8000)
# Maximum of concurrent answers in one conversation.
ANSWERS_AT_ONCE = env.integer("ANSWERS_AT_ONCE", 20, minimum=1)
# Maximum of concurrent answers per user and web process; further answers wait.
ANSWERS_PER_PERSON = env.integer("ANSWERS_PER_PERSON", 100, minimum=1)
# Concurrent searches per web process, shared in turns among users. REQUESTS_WAITING is the maximum
# of waiting searches, questions or embeddings per user.
SEARCHES_AT_ONCE = env.integer("SEARCHES_AT_ONCE", 3, minimum=1)
REQUESTS_WAITING = env.integer("REQUESTS_WAITING", 500)
# Maximum of concurrent /v1/chat/completions calls per user and web process.
COMPLETIONS_AT_ONCE = env.integer("COMPLETIONS_AT_ONCE", 100, minimum=1)
# Timeouts of model servers: connecting, first token, and silence between tokens.
MODEL_CONNECT_SECONDS = env.integer("MODEL_CONNECT_SECONDS", 5)
MODEL_FIRST_TOKEN_SECONDS = env.integer("MODEL_FIRST_TOKEN_SECONDS", 300)
MODEL_SILENCE_SECONDS = env.integer("MODEL_SILENCE_SECONDS", 120)
# Value of keep_alive in requests to Ollama; "" leaves the server's own OLLAMA_KEEP_ALIVE in effect.
OLLAMA_KEEP_ALIVE = env.text("OLLAMA_KEEP_ALIVE")

# --- API ---

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": [
        "web.api.strict_json.StrictJSONParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["web.api.strict_json.StrictJSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "web.api.pagination.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "web.api.problems.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Reading Room",
    "DESCRIPTION": "A team asks its own documents and gets answers that point to the page.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"validatorUrl": None, "persistAuthorization": False},
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "chat.api.schema.add_asynchronous_views",
        "chat.api.schema.add_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        "MessageStatusEnum": "chat.models.Message.Status",
        "MessageRoleEnum": "chat.models.Message.Role",
        "DocumentStatusEnum": "ingestion.models.Document.Status",
        "RoleEnum": "workspaces.models.Role",
    },
}

SILENCED_SYSTEM_CHECKS = [
    "auth.E003",  # Uniqueness of e-mail addresses is a constraint on Lower("email").
    "files.E001",  # FILE_UPLOAD_TEMP_DIR is created at the start; `check` needs no DATA_DIR.
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "filters": {"rate_limit": {"()": "web.foreign_hosts.RateLimitFilter"}},
    "loggers": {"django.security.DisallowedHost": {"filters": ["rate_limit"]}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING")},
}

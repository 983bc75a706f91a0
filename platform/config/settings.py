"""All settings. Values come from the environment through `env` alone; docker/env.example describes each variable.

There is one file for every kind of installation: the defaults are those of a safe production
server.
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
# Proxies in front, whose X-Forwarded-For and X-Forwarded-Proto give the client's address and the
# scheme.
TRUSTED_PROXIES = list(env.networks("TRUSTED_PROXIES"))
# Connections that one client may have open in each web process, as embedded.processes.http_protocol
# counts them.
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
            # Only a web process asks for a pool: it opens a connection per call otherwise, a worker
            # keeps one per task.
            **(
                {"pool": {"min_size": 1, "max_size": 20, "timeout": 10}}
                if env.boolean("DATABASE_POOL")
                else {}
            ),
        },
        # A database that was started again leaves dead connections in the pool; they are found out
        # before use.
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People ---

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
# Passwords hashed at once in each web process: one processor is left to everything else. Those of
# one person must stay below SIGN_IN_ATTEMPTS, since an attempt counts until it is judged. And how
# many more of one network address may wait.
PASSWORD_HASHES_AT_ONCE = env.integer(
    "PASSWORD_HASHES_AT_ONCE", min(4, max(1, (os.cpu_count() or 1) - 1)), minimum=1
)
SIGN_INS_WAITING = env.integer("SIGN_INS_WAITING", 100)
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "workspace_list"
# Failed sign-ins allowed for one address and one e-mail within SIGN_IN_WINDOW seconds.
SIGN_IN_ATTEMPTS = env.integer("SIGN_IN_ATTEMPTS", 10)
SIGN_IN_WINDOW = env.integer("SIGN_IN_WINDOW", 15 * 60)

SESSION_ENGINE = "accounts.sign_in.sessions"
# Two servers on one machine share a host name, and cookies do not know ports: hence the port in the
# name.
SESSION_COOKIE_NAME = f"reading_room_session_{PORT}"
CSRF_COOKIE_NAME = f"reading_room_csrf_{PORT}"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- Language ---

LANGUAGE_CODE = "en"
# Each in its own words, for people who read no other language.
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
# What one person's uploads in parts may weigh together while they are not finished.
MAX_UNFINISHED_BYTES = env.integer("MAX_UNFINISHED_MB", 10_240) * 1024 * 1024
# One request may carry many documents; beyond this nothing of it is read.
MAX_UPLOAD_BYTES = env.integer("MAX_UPLOAD_MB", 1024) * 1024 * 1024
# What a request that carries no documents may weigh.
MAX_REQUEST_BYTES = DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 2000

# --- Web pages ---

# Which addresses pages may be fetched from: ranges of them, and the word public for the internet.
# None: no fetching.
FETCH_ALLOW = env.networks("FETCH_ALLOW", or_public=True)
# What fetches go through; the variables that other programs look at are not.
FETCH_PROXY = env.secret("FETCH_PROXY")
# How long one page may take, redirects and robots.txt included.
FETCH_SECONDS = env.integer("FETCH_SECONDS", 60)

# --- Watched folders ---

# Folders of the server that owners may connect their workspaces to, with their files; `slug=/path`
# for one alone.
WATCH_ROOTS = env.listed("WATCH_ROOTS")
# Workspaces that are named there are for administrators to make.
RESERVED_SLUGS = {entry.partition("=")[0].strip() for entry in WATCH_ROOTS if "=" in entry}
# How often each is looked through.
WATCH_SECONDS = env.integer("WATCH_SECONDS", 60)
# How long the document of a file that is gone stays.
WATCH_GRACE_HOURS = env.integer("WATCH_GRACE_HOURS", 24)

# --- Work ---

# The broker of the workers, and what several web processes share: failed sign-ins, and answers
# while they are written.
REDIS_URL = env.secret("REDIS_URL")
# It reaches the sockets of one process. Events for those of others go through
# chat.answering.events.redis_relay, since sockets must open, and stay open, while Redis is away.
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
# Documents indexed at once by one worker; one workspace gets all but one of them.
WORKER_THREADS = env.integer("WORKER_THREADS", 3, minimum=1)
# What one document may cost before its parsing is given up.
PARSER_SECONDS = env.integer("PARSER_SECONDS", 300)
PARSER_MEMORY_BYTES = env.integer("PARSER_MEMORY_MB", 1024) * 1024 * 1024
PARSER_MAX_PAGES = env.integer("PARSER_MAX_PAGES", 10_000)
PARSER_MAX_CELLS = env.integer("PARSER_MAX_CELLS", 5_000_000)
PARSER_MAX_TAGS = env.integer("PARSER_MAX_TAGS", 3_000_000)
PARSER_MAX_PICTURES = env.integer("PARSER_MAX_PICTURES", 2_000)
# How long a parse server may take for one document before the built-in readers take over.
PARSE_SERVER_SECONDS = env.integer("PARSE_SERVER_SECONDS", 600)
# What parsed texts are kept, so that nothing is parsed twice; the least used go first.
PARSED_TEXTS_BYTES = env.integer("PARSED_TEXTS_MB", 2048) * 1024 * 1024
# What one archive may hold: documents, those in archives inside it counted, how deep such archives
# may lie, and bytes.
MAX_ARCHIVE_DOCUMENTS = env.integer("MAX_ARCHIVE_DOCUMENTS", 2_000)
MAX_ARCHIVE_NESTING = env.integer("MAX_ARCHIVE_NESTING", 2)
MAX_ARCHIVE_BYTES = env.integer("MAX_ARCHIVE_MB", 2_048) * 1024 * 1024
# Batches of texts that one connection is given to embed at once by each worker.
EMBEDDINGS_AT_ONCE = env.integer("EMBEDDINGS_AT_ONCE", 4, minimum=1)

# --- What a workspace uses unless it says otherwise ---

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

# Where a DEEPSEEK_API_KEY of the environment leads to; administrators may enter another address
# later.
DEEPSEEK_URL = "https://api.deepseek.com"

# --- Answers ---

# What one prompt may weigh, in tokens: instructions, earlier messages, passages and the question.
PROMPT_TOKENS = env.integer("PROMPT_TOKENS", 8000)
# Answers written at once in one conversation.
ANSWERS_AT_ONCE = env.integer("ANSWERS_AT_ONCE", 20, minimum=1)
# Answers written at once for one person over all conversations, in each web process; more of them
# wait for their turn.
ANSWERS_PER_PERSON = env.integer("ANSWERS_PER_PERSON", 100, minimum=1)
# Searches made at once in each web process, by turns among people, and how much of one person may
# wait for its turn.
SEARCHES_AT_ONCE = env.integer("SEARCHES_AT_ONCE", 3, minimum=1)
REQUESTS_WAITING = env.integer("REQUESTS_WAITING", 500)
# Answers given at once to one person's programs through /v1/chat/completions, in each web process.
COMPLETIONS_AT_ONCE = env.integer("COMPLETIONS_AT_ONCE", 100, minimum=1)
# How long a model server is waited for: to connect, to its first token, and in the middle of an
# answer.
MODEL_CONNECT_SECONDS = env.integer("MODEL_CONNECT_SECONDS", 5)
MODEL_FIRST_TOKEN_SECONDS = env.integer("MODEL_FIRST_TOKEN_SECONDS", 300)
MODEL_SILENCE_SECONDS = env.integer("MODEL_SILENCE_SECONDS", 120)
# How long an Ollama server is asked to keep a model loaded; "" leaves it to that server's own
# OLLAMA_KEEP_ALIVE.
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
    "auth.E003",  # E-mail addresses are unique without regard to case, by a constraint that this check does not know.
    "files.E001",  # The folder is made when the server starts; `check` must not need DATA_DIR.
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

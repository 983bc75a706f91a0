"""URL patterns of chat: pages, the REST API, and the OpenAI-compatible API."""

from django.urls import path

from chat.api import conversations as api
from chat.api import messages
from chat.api.search import ModelListView, SearchView
from chat.openai_api import views as openai
from chat.openai_api.embeddings import embeddings
from chat.views import conversations as pages
from chat.views.search import search

PAGES = "w/<slug:slug>/"
CONVERSATION = f"{PAGES}c/<uuid:conversation_id>/"
API = "api/v1/conversations/<uuid:id>/"

urlpatterns = [
    path(PAGES, pages.workspace_detail, name="workspace_detail"),
    path(f"{PAGES}search/", search, name="search"),
    path(f"{PAGES}c/new/", pages.conversation_create, name="conversation_create"),
    path(CONVERSATION, pages.conversation_detail, name="conversation_detail"),
    path(f"{CONVERSATION}rename/", pages.conversation_rename, name="conversation_rename"),
    path(f"{CONVERSATION}delete/", pages.conversation_delete, name="conversation_delete"),
    path("api/v1/workspaces/<slug:slug>/search/", SearchView.as_view(), name="api_search"),
    path(
        "api/v1/workspaces/<slug:slug>/conversations/",
        api.ConversationListView.as_view(),
        name="api_conversation_list",
    ),
    path(API, api.ConversationDetailView.as_view(), name="api_conversation_detail"),
    path(f"{API}messages/", messages.conversation_messages, name="api_message_list"),
    path(f"{API}stop/", messages.conversation_stop, name="api_conversation_stop"),
    path("api/v1/models/", ModelListView.as_view(), name="api_model_list"),
    path("v1/models", openai.model_list, name="openai_model_list"),
    path("v1/chat/completions", openai.chat_completions, name="openai_chat_completions"),
    path("v1/embeddings", embeddings, name="openai_embeddings"),
]

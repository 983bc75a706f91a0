"""Addresses of chat: pages, then the API, then what programs written for OpenAI call."""

from django.urls import path

from chat import api, asking, openai_api, openai_embeddings, search_api, search_page, views

PAGES = "w/<slug:slug>/"
CONVERSATION = f"{PAGES}c/<uuid:conversation_id>/"
API = "api/v1/conversations/<uuid:id>/"

urlpatterns = [
    path(PAGES, views.workspace_detail, name="workspace_detail"),
    path(f"{PAGES}search/", search_page.search, name="search"),
    path(f"{PAGES}c/new/", views.conversation_create, name="conversation_create"),
    path(CONVERSATION, views.conversation_detail, name="conversation_detail"),
    path(f"{CONVERSATION}rename/", views.conversation_rename, name="conversation_rename"),
    path(f"{CONVERSATION}delete/", views.conversation_delete, name="conversation_delete"),
    path("api/v1/workspaces/<slug:slug>/search/", search_api.SearchView.as_view(), name="api_search"),
    path(
        "api/v1/workspaces/<slug:slug>/conversations/",
        api.ConversationListView.as_view(),
        name="api_conversation_list",
    ),
    path(API, api.ConversationDetailView.as_view(), name="api_conversation_detail"),
    path(f"{API}messages/", asking.conversation_messages, name="api_message_list"),
    path(f"{API}stop/", asking.conversation_stop, name="api_conversation_stop"),
    path("api/v1/models/", search_api.ModelListView.as_view(), name="api_model_list"),
    path("v1/models", openai_api.model_list, name="openai_model_list"),
    path("v1/chat/completions", openai_api.chat_completions, name="openai_chat_completions"),
    path("v1/embeddings", openai_embeddings.embeddings, name="openai_embeddings"),
]

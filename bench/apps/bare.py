"""The tutorial's two routes with CORS and without authentication."""

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from bench.apps.hello import add_routes

app = FastAPI(openapi_url=None)
app.add_middleware(CORSMiddleware, allow_origins=["http://localhost:3000"])
add_routes(app)

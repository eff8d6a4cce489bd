"""The libraries' objects: made here, bound to the app in create_app, imported by each module that needs them."""

from __future__ import annotations

from flask_jwt_extended import JWTManager
from flask_socketio import SocketIO
from flask_sqlalchemy import SQLAlchemy

# Rows that were read stay readable after the commit that gave the connection back.
db = SQLAlchemy(session_options={"expire_on_commit": False})
jwt = JWTManager()
socketio = SocketIO()

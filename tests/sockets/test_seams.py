"""Where our transport takes the libraries' place: what it replaces there, and the parts of them that it stands on.

A newer release that moves one of these fails here and not in a practice. Compare what is named with
sockets/transport.py, sockets/writing.py and processes/eventlet_websocket.py, change those where they must follow, then
write the new sum here.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from pathlib import Path

import pytest

# The beginning of the SHA-256 of each text.
SEAMS = {
    "engineio.socket:Socket.poll": "cebc43071d6d",
    "engineio.socket:Socket.receive": "f5336b1e9a1d",
    "engineio.socket:Socket.check_ping_timeout": "dc3c2335410c",
    "engineio.socket:Socket.send": "add5df2eafda",
    "engineio.socket:Socket.handle_get_request": "f73e4aab5873",
    "engineio.socket:Socket.close": "45bbdca61c81",
    "engineio.socket:Socket._upgrade_websocket": "b2d04bae6784",
    "engineio.socket:Socket._websocket_handler": "613e11f78212",
    "engineio.base_socket:BaseSocket.__init__": "c515a4a579e7",
    "engineio.server:Server.send_packet": "877479033668",
    "engineio.server:Server._handle_connect": "80eeebd591ab",
    "engineio.packet:Packet.encode": "8b983fb069cb",
    "engineio.async_drivers.eventlet:WebSocketWSGI": "406f2c323eec",
    "socketio.base_manager:BaseManager.get_participants": "776a87f004d5",
    "socketio.base_manager:BaseManager.eio_sid_from_sid": "116a446d4a89",
    "socketio.manager:Manager.emit": "2489ccd82098",
    "socketio.packet:Packet.encode": "36e1c163ae5e",
    "socketio.server:Server._send_packet": "3b96d77d90f4",
    "eventlet.websocket:WebSocketWSGI.__call__": "9504898efb99",
    "eventlet.websocket:RFC6455WebSocket._send": "3b82c61e1415",
    "eventlet.websocket:RFC6455WebSocket.send": "a01d65040acb",
    "eventlet.websocket:RFC6455WebSocket._send_closing_frame": "496816631524",
    "eventlet.websocket:RFC6455WebSocket.close": "c84e45fdd121",
    "eventlet.hubs.__init__:trampoline": "57a0a5090b90",
    "engineio.socket:Socket.schedule_ping": "ad28edec5716",
    "engineio.socket:Socket._send_ping": "8239008968c0",
    "engineio.server:Server._service_task": "7f1e4affbc5a",
    "engineio.server:Server.handle_request": "f2ee31fb35a8",
    "eventlet.websocket:WebSocket.__init__": "e8b20ed51105",
    "eventlet.websocket:RFC6455WebSocket.__init__": "ac17083600fd",
    "eventlet.websocket:RFC6455WebSocket.wait": "5eaee24dc6e0",
    "eventlet.websocket:RFC6455WebSocket._iter_frames": "3cf1838057e1",
    "eventlet.websocket:RFC6455WebSocket._recv_frame": "79c71b8377ea",
    "eventlet.wsgi:HttpProtocol.handle_one_request": "90f13099f3b5",
    "eventlet.wsgi:HttpProtocol.handle_one_response": "bf7d79c2e412",
    "eventlet.wsgi:HttpProtocol.finish": "74b982862d9f",
    "eventlet.wsgi:Server.process_request": "5db9e7b963fe",
    "eventlet.wsgi:server": "4c73517803f6",
    "eventlet.greenio.base:GreenSocket.__init__": "eb646a2d2371",
    "eventlet.greenio.base:shutdown_safe": "a1a7e0c174bc",
    "eventlet.hubs.hub:FdListener": "b82ba2a940ca",
    "eventlet.hubs.hub:BaseHub.add": "978ec93e4ec4",
    "eventlet.hubs.hub:BaseHub._obsolete": "069a778980f5",
    "eventlet.hubs.hub:BaseHub.remove": "4e2e65d6f367",
    "flask_socketio.__init__:SocketIO._handle_event": "f0947d6f6596",
}


@pytest.mark.parametrize("seam", SEAMS)
def test_the_libraries_are_what_our_transport_was_written_for(seam: str) -> None:
    """Each text is the one that it was compared with."""
    assert sum_of(seam) == SEAMS[seam], f"{seam} is another one in this release: see the top of {Path(__file__).name}"


def sum_of(seam: str) -> str:
    """The sum of the text of what is named like `engineio.socket:Socket.send`; nothing is imported."""
    module, _, name = seam.partition(":")
    spec = importlib.util.find_spec(module.partition(".")[0])
    assert spec is not None
    assert spec.origin is not None
    text = Path(spec.origin).parent.joinpath(*module.split(".")[1:]).with_suffix(".py").read_text()
    found: ast.AST = ast.parse(text)
    for part in name.split("."):
        named = next((node for node in ast.iter_child_nodes(found) if getattr(node, "name", None) == part), None)
        assert named is not None, f"there is no {seam} any more"
        found = named
    return hashlib.sha256(str(ast.get_source_segment(text, found)).encode()).hexdigest()[:12]

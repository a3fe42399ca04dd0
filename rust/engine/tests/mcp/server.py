"""An MCP server whose tools stand in a file, which a test changes.

usage: server.py FILE, where FILE holds the tools, in JSON. It says that they
have changed whenever one is called.
"""

import json
import sys


def tools():
    with open(sys.argv[1], encoding="utf-8") as file:
        return json.load(file)


def called(name):
    texts = [{"type": "text", "text": "ran " + name}]
    if name == "pictures":
        # As some encoders write it, and as nobody should.
        for data in ["iVBO\r\nRw", "iVBORw==", "%"]:
            texts.append({"type": "image", "mimeType": "image/png", "data": data})
    return {"content": texts}


def result(method, params):
    if method == "initialize":
        offers = {"tools": {"listChanged": True}, "resources": {}, "prompts": {}}
        about = {"name": "scripted", "version": "1"}
        return {"protocolVersion": "2025-11-25", "capabilities": offers, "serverInfo": about}
    if method == "tools/list":
        return {"tools": tools()}
    if method == "tools/call":
        return called(params["name"])
    if method == "resources/list":
        return {"resources": [{"uri": "long:1", "name": "long"}]}
    if method == "resources/templates/list":
        return {"resourceTemplates": []}
    if method == "resources/read":
        return {"contents": [{"uri": "long:1", "mimeType": "text/plain", "text": "x" * 3000000}]}
    if method == "prompts/list":
        return {"prompts": [{"name": "long"}]}
    if method == "prompts/get":
        text = {"type": "text", "text": "x" * 3000000}
        return {"messages": [{"role": "user", "content": text}]}
    return {} if method == "ping" else None


def say(message):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


for line in sys.stdin:
    asked = json.loads(line)
    if "id" not in asked:
        continue
    told = result(asked["method"], asked.get("params"))
    if told is None:
        say({"id": asked["id"], "error": {"code": -32601, "message": "no such method"}})
    else:
        say({"id": asked["id"], "result": told})
    if asked["method"] == "tools/call":
        say({"method": "notifications/tools/list_changed"})

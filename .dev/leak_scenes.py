"""What .dev/leak-test plays: requests that may leave, to see that they are seen, and those of mode local."""

from typing import NamedTuple


class Scene(NamedTuple):
    """A request that FORM, Lisp of leak.el, makes, and what the user is told at its end, as a pattern."""

    title: str
    form: str
    ends: str
    # Of the files that `configurations` gives.
    config: str = "usual"


HELLO = r"^answered: Hello from the simulator\.$"
CLOSED = r"^network: .*nothing answers at this address"
EXCLUDED = r"^refused: .*the mode \"local\" does not allow it"
PINNED = r"^refused: .* is pinned to mode local: nothing was sent"
NOT_LOCAL = r"^llm-switch-config: .* needs a base-url on 127\.0\.0\.1"
FAILED = r"^server: near/status:500: the service failed"
MOVED = "307"
UNSEEN = r"^llm-switch-refused: .*nothing may leave this machine here"
GONE = r"^llm-switch-mcp: .*cannot be reached"
ASTRAY = r"^llm-switch-mcp: .*"

# The requests of the scenes below, where they may leave: each must be seen.
CONTROLS = (
    Scene("chat in mode cloud", "(llm-switch-leak-chat 'cloud)", CLOSED),
    Scene("chat in mode cloud, by name", "(llm-switch-leak-chat 'cloud \"named/hello\")", CLOSED),
    Scene("chat in mode cloud, by IPv6", "(llm-switch-leak-chat 'cloud \"six/hello\")", CLOSED),
    Scene("chat in mode cloud, OpenAI", "(llm-switch-leak-chat 'cloud \"openai/gpt-5\")", CLOSED),
    Scene("chat with a gateway outside", "(llm-switch-leak-chat 'auto \"gateway/hello\")", HELLO),
    Scene("what there is to choose from, in mode auto", "(llm-switch-leak-choose 'auto)", "^offered: .*gateway"),
    Scene("fallback chain that lists clouds", "(llm-switch-leak-route 'auto \"chain\")", HELLO),
    Scene("MCP server outside", "(llm-switch-leak-mcp 'auto \"tools-outside\")", GONE),
    Scene("gptel's own cloud, curl", "(llm-switch-leak-own 'outside t)", "404|Invalid URL"),
    Scene("gptel's own cloud, url.el", "(llm-switch-leak-own 'outside nil)", "404|Invalid URL"),
    Scene("gptel's own server, through a proxy, curl", "(llm-switch-leak-own 'near t)", "404|Invalid URL"),
    Scene("gptel's own server, through a proxy, url.el", "(llm-switch-leak-own 'near nil)", "404|Invalid URL"),
    Scene("gptel's own server, redirecting, curl", "(llm-switch-leak-own 'moved t)", MOVED),
    Scene("gptel's own server, redirecting, url.el", "(llm-switch-leak-own 'moved nil)", MOVED),
)

# Of these, not one packet may leave loopback.
SCENES = (
    Scene("chat", "(llm-switch-leak-chat 'local)", HELLO),
    Scene("chat that M-x llm-switch-chat opens", "(llm-switch-leak-opened-chat)", "^answered: ."),
    Scene("what there is to choose from", "(llm-switch-leak-choose 'local)", "^offered: (?!.*gateway).*near"),
    Scene("rewrite", "(llm-switch-leak-rewrite)", r"^rewritten: Hello from the simulator\.$"),
    Scene("org source block, through gptel-request", "(llm-switch-leak-org-block)", HELLO),
    Scene("tool loop", "(llm-switch-leak-tools)", r"^2 calls, answered: .*moon 2"),
    Scene("MCP server outside", "(llm-switch-leak-mcp 'local \"tools-outside\")", UNSEEN),
    Scene("MCP server here, not marked local", "(llm-switch-leak-mcp 'local \"tools-astray\")", UNSEEN),
    Scene("MCP server here, marked, redirecting", "(llm-switch-leak-mcp 'local \"tools-moved\")", ASTRAY),
    Scene("MCP server outside, pinned", "(llm-switch-leak-mcp 'auto \"tools-outside\" \"local\")", UNSEEN),
    Scene("local server that redirects (307)", "(llm-switch-leak-chat 'local \"moved/hello\")",
          "^refused: .* is not on this machine; nothing was sent"),
    Scene("local server called localhost", "(llm-switch-leak-chat 'local \"here/hello\")", HELLO),
    Scene("\"local\" server, its name is outside", "(llm-switch-leak-chat 'local)", NOT_LOCAL, config="name-outside"),
    Scene("\"local\" server, its name is 127.0.0.1", "(llm-switch-leak-chat 'local)", NOT_LOCAL, config="name-here"),
    Scene("server of the user's network, by name", "(llm-switch-leak-chat 'local \"box/hello\")", EXCLUDED),
    Scene("cloud by address", "(llm-switch-leak-chat 'local \"address/hello\")", EXCLUDED),
    Scene("cloud by name", "(llm-switch-leak-chat 'local \"named/hello\")", EXCLUDED),
    Scene("cloud by IPv6", "(llm-switch-leak-chat 'local \"six/hello\")", EXCLUDED),
    Scene("cloud, OpenAI", "(llm-switch-leak-chat 'local \"openai/gpt-5\")", EXCLUDED),
    Scene("gateway outside", "(llm-switch-leak-chat 'local \"gateway/hello\")", EXCLUDED),
    Scene("cloud of gptel's own, adopted", "(llm-switch-leak-adopted)", EXCLUDED),
    Scene("fallback chain that lists clouds", "(llm-switch-leak-route 'local \"chain\")", FAILED),
    Scene("the same in mode auto, pinned to local", "(llm-switch-leak-route 'auto \"chain\" \"local\")", FAILED),
    Scene("gptel's own cloud, pinned, curl", "(llm-switch-leak-own 'outside t \"local\")", PINNED),
    Scene("gptel's own cloud, pinned, url.el", "(llm-switch-leak-own 'outside nil \"local\")", PINNED),
    Scene("gptel's own server, pinned, proxy, curl", "(llm-switch-leak-own 'near t \"local\")", HELLO),
    Scene("gptel's own server, pinned, proxy, url.el", "(llm-switch-leak-own 'near nil \"local\")", HELLO),
    Scene("gptel's own server, pinned, redirect, curl", "(llm-switch-leak-own 'moved t \"local\")", MOVED),
    Scene("gptel's own server, pinned, redirect, url.el", "(llm-switch-leak-own 'moved nil \"local\")", MOVED),
)


def configurations(near, moved):
    """The configuration files, by name, for a local simulator at the port NEAR and one that redirects at MOVED."""
    return {
        "usual": usual(near, moved),
        "name-outside": '[provider.alias]\nbase-url = "http://models.example/v1"\nlocality = "local"\n',
        "name-here": f'[provider.alias]\nbase-url = "http://loopback.example:{near}/v1"\nlocality = "local"\n',
    }


def usual(near, moved):
    """Local servers, a proxy outside, and clouds."""
    clouds = {"address": "198.51.100.80", "named": "models.example", "six": "[2001:db8:1::80]"}
    cloud = '[provider.{}]\nbase-url = "https://{}/v1"\nauth = "none"\n[price."{}/*"]\nper-million = "1"\n'
    return "".join([
        'default-mode = "local"\n',
        f'[provider.near]\nbase-url = "http://127.0.0.1:{near}/v1"\n',
        f'[provider.here]\nbase-url = "http://localhost:{near}/v1"\n',
        f'[provider.moved]\nbase-url = "http://127.0.0.1:{moved}/v1"\n',
        *(cloud.format(name, host, name) for name, host in clouds.items()),
        '[provider.gateway]\nbase-url = "http://198.51.100.80/v1"\nlocality = "proxy"\npayer = "free"\nauth = "none"\n',
        '[provider.box]\nbase-url = "http://models.example/v1"\nlocality = "lan"\n',
        '[mcp.tools-outside]\nurl = "http://198.51.100.80/mcp"\nstart-timeout = 5\n',
        f'[mcp.tools-astray]\nurl = "http://127.0.0.1:{moved}/mcp"\nstart-timeout = 5\n',
        f'[mcp.tools-moved]\nurl = "http://127.0.0.1:{moved}/mcp"\nlocal = true\nstart-timeout = 5\n',
        '[account.openai]\nkey = "env:LLM_SWITCH_LEAK_KEY"\n',
        '[route.inside]\nuse = ["near/hello"]\n[route.outside]\nuse = ["address/hello"]\n',
        '[route.chain]\nuse = ["near/status:500", "address/hello", "named/hello", "six/hello", "gateway/hello", '
        '"openai/gpt-5"]\n',
        '[mode.local]\nallow = ["local"]\nroute = "inside"\n[mode.cloud]\nallow = ["cloud"]\nroute = "outside"\n',
    ])

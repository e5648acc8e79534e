#!/usr/bin/env python3
"""Writes one encoded envelope per message of Protos/ead/v1 with Google's protobuf, an encoder independent of ours.

The values are those of Tests/EADMessagesTests/GoldenEnvelopes.swift. Files of a released wire version are never
written again: they are what old peers send.

usage: pip install grpcio-tools; golden_envelopes.py Tests/EADMessagesTests/Fixtures/v2
"""
import pathlib
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).resolve().parents[2]
with tempfile.TemporaryDirectory() as scratch:
    protos = [str(path.relative_to(root / "Protos")) for path in sorted((root / "Protos/ead/v1").glob("*.proto"))]
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", "-I", ".", "--python_out", scratch, *protos],
        cwd=root / "Protos", check=True)
    sys.path.insert(0, scratch)
    from ead.v1 import control_pb2 as control
    from ead.v1 import envelope_pb2 as envelope
    from ead.v1 import identifiers_pb2 as ids
    from ead.v1 import lease_pb2 as lease
    from ead.v1 import membership_pb2 as membership
    from ead.v1 import policy_pb2 as policy
    from ead.v1 import rollout_pb2 as rollout

run = bytes(range(16))
digest = bytes(range(32))
training = ids.GroupId(purpose=ids.PURPOSE_TRAINING, step=12, slot=5)
evaluation = ids.GroupId(purpose=ids.PURPOSE_EVALUATION, step=0, slot=300)
held = ids.LeaseID(group=training, attempt=2)
discarded = lease.DiscardedGroup(lease=held, sender=b"worker-2", reason=b"a log-probability differs")
heartbeat = membership.Heartbeat(
    activity=membership.ACTIVITY_GENERATING, waiting=True, waiting_for="the learner \u2013 5 s".encode(), waiting_milliseconds=5000, progress=77,
    tokens=123456789012, tokens_per_second=512.5, policy_version=12, credit=2,
    leases=[held, ids.LeaseID(group=evaluation, attempt=1)], resident_bytes=734003200, draining=True,
    counters=[ids.Counter(name=b"chunks_damaged", value=3)], complaint=b"verify.py died (exit status 1)")
report = policy.StepReport(
    step=11, version=12, root_hash=digest,
    metrics=[ids.Metric(name=b"loss", value=-1e-3), ids.Metric(name=b"reward_mean", value=0.375)])


def trace(tokens, **columns):
    return rollout.TokenTrace(
        tokens=tokens,
        columns=[rollout.TokenColumn(name=name.encode(), values=values) for name, values in columns.items()])


counter = ids.Counter(name=b"leases_expired", value=4)

bodies = {
    "hello": membership.Hello(
        role=ids.ROLE_LEARNER, nonce=run, configuration_hash=digest, next_step=12,
        accepted_slots=[0, 3, 128, 70000], host=b"node7", process_id=4242),
    "hello_slot_count": membership.Hello(
        role=ids.ROLE_LEARNER, nonce=run, configuration_hash=digest, next_step=12, accepted_slots=[0, 3],
        slot_count=9, host=b"node7", process_id=4242),
    "hello_contents": membership.Hello(
        role=ids.ROLE_WORKER, nonce=run, configuration_hash=digest, host=b"node7", process_id=4242,
        contents=[membership.SharedContent(name=name, hash=digest) for name in (b"vocabulary", b"verifier")]),
    "hello_discarded": membership.Hello(
        role=ids.ROLE_LEARNER, nonce=run, configuration_hash=digest, next_step=12, accepted_slots=[0, 3],
        slot_count=9, host=b"node7", process_id=4242, discarded=[discarded]),
    "hello_settings": membership.Hello(
        role=ids.ROLE_WORKER, nonce=run, configuration_hash=digest, host=b"node7", process_id=4242,
        settings="run.name \u201ea\u201c\nrun.steps 40".encode()),
    "hello_later_steps": membership.Hello(
        role=ids.ROLE_LEARNER, nonce=run, configuration_hash=digest, next_step=10, accepted_slots=[0, 3],
        slot_count=8, host=b"node7", process_id=4242, later_steps=[
            policy.GroupsAccepted(step=11, slots=[2], slot_count=8),
            policy.GroupsAccepted(step=12, slots=[], slot_count=8, discarded=[discarded])]),
    "welcome": membership.Welcome(run=run, epoch=9),
    "refusal": membership.Refusal(code=membership.REFUSAL_CODE_FENCED, reason=b"a newer worker-1 took over"),
    "heartbeat": heartbeat,
    "heartbeat_reply": membership.HeartbeatReply(step=12, stop=True, policy_version=12, window_end=15),
    "goodbye": membership.Goodbye(reason=b"drained"),
    "lease_offer": lease.LeaseOffer(lease=lease.Lease(
        group=training, attempt=2, oldest_version=12,
        problem=lease.Problem(index=31, prompt="Q: 2 + 2 \u00d7 1 = ?\nA:".encode(), answer=b"4"), samples=16,
        seed=0xFEDCBA9876543210, duration_nanoseconds=90_500_000_000)),
    "lease_accept": lease.LeaseAccept(lease=held),
    "lease_return": lease.LeaseReturn(
        lease=ids.LeaseID(group=evaluation, attempt=1), outcome=lease.LEASE_OUTCOME_COMPLETED, reason=b"",
        samples=[
            lease.EvaluatedSample(
                greedy=True, verdict=rollout.Verdict(reward=1), tokens=17, text=b"the answer is 4\0"),
            lease.EvaluatedSample(verdict=rollout.Verdict(), tokens=64),
            lease.EvaluatedSample(tokens=8, text=b"4")]),
    "rollout_group": rollout.RolloutGroup(
        id=training, attempt=2, policy_version=12, problem=31, prompt_tokens=[1, 49151, 7],
        rollouts=[
            rollout.Rollout(
                trace=trace(
                    [5, 0, 4294967295], temperature=[1.0, 1.5, 0.25], behaviourLogProb=[-0.5, -1.25, 0],
                    policyLogProb=[-0.5, -2.5, -0.125], policyEntropy=[1.5, 0, 2.25], behaviourEntropy=[0.5, 0, 3]),
                finish=rollout.FINISH_REASON_STOP_STRING,
                verdict=rollout.Verdict(reward=1, strict_reward=0.5, prediction=b"4")),
            rollout.Rollout(
                trace=trace(
                    [2], behaviourLogProb=[-3], policyLogProb=[-3], policyEntropy=[0.75], behaviourEntropy=[0.75]),
                finish=rollout.FINISH_REASON_LENGTH)]),
    "rollout_group_runs": rollout.RolloutGroup(
        id=training, attempt=2, policy_version=10, problem=31, prompt_tokens=[1],
        rollouts=[
            rollout.Rollout(
                trace=trace(
                    [5, 6, 7], behaviourLogProb=[-0.5, -1.25, 0], policyLogProb=[-0.5, -2.5, -0.125],
                    policyEntropy=[1.5, 0, 2.25], behaviourEntropy=[0.5, 0, 3]),
                finish=rollout.FINISH_REASON_LENGTH,
                runs=[rollout.VersionRun(version=10, tokens=2), rollout.VersionRun(version=12, tokens=1)]),
            rollout.Rollout(
                trace=trace(
                    [2], behaviourLogProb=[-3], policyLogProb=[-3], policyEntropy=[0.75], behaviourEntropy=[0.75]),
                finish=rollout.FINISH_REASON_LENGTH, runs=[rollout.VersionRun(version=11, tokens=1)])]),
    "group_ack": lease.GroupAck(lease=held, status=lease.GROUP_STATUS_STALE, reason=b"step 12 is over"),
    "manifest_request": policy.ManifestRequest(version=12),
    "policy_manifest": policy.PolicyManifest(
        version=12, precision=ids.PRECISION_BF16, total_bytes=(4 << 20) + 1, chunk_bytes=4 << 20,
        chunk_hashes=[digest, digest[::-1]], root_hash=digest),
    "chunk_request": policy.ChunkRequest(version=12, index=64),
    "policy_chunk": policy.PolicyChunk(version=12, index=64),
    "manifest_request_have": policy.ManifestRequest(version=12, have_root=digest, have_version=10),
    "policy_manifest_deltas": policy.PolicyManifest(
        version=12, precision=ids.PRECISION_BF16, total_bytes=(4 << 20) + 1, chunk_bytes=4 << 20,
        chunk_hashes=[digest, digest[::-1]], root_hash=digest,
        deltas=[
            policy.PolicyDelta(base_version=10, base_root=digest, total_bytes=1000, piece_hashes=[digest[::-1]]),
            policy.PolicyDelta(
                base_version=11, base_root=digest[::-1], total_bytes=(4 << 20) + 2, piece_hashes=[digest, digest])]),
    "chunk_request_delta": policy.ChunkRequest(version=12, index=1, delta_of=11),
    "policy_chunk_delta": policy.PolicyChunk(version=12, index=1, delta_of=11),
    "groups_accepted": policy.GroupsAccepted(step=12, slots=[1, 2, 300]),
    "groups_accepted_slot_count": policy.GroupsAccepted(step=12, slots=[1, 2, 300], slot_count=301),
    "groups_accepted_discarded": policy.GroupsAccepted(step=12, slots=[1, 2], slot_count=8, discarded=[discarded]),
    "step_report": report,
    "control_request": control.ControlRequest(
        verb=control.CONTROL_VERB_PAUSE, since_step=3, run_name=b"quickstart"),
    "control_reply": control.ControlReply(accepted=True, message=b"paused"),
    "status_reply": control.StatusReply(
        run=run, name=b"quickstart", phase=control.RUN_PHASE_TRAINING, step=12, total_steps=100,
        waiting_for=b"worker-2", waiting_milliseconds=1500, groups_accepted=6, groups_per_step=8,
        elapsed_milliseconds=360000,
        members=[control.MemberStatus(
            node=b"worker-1", role=ids.ROLE_WORKER, health=control.MEMBER_HEALTH_STALLED, process=b"node7:4243",
            epoch=3, silent_milliseconds=250, heartbeat=heartbeat)],
        steps=[report],
        evaluations=[control.EvaluationReport(
            version=0, problems=200, samples_per_problem=4,
            values=[ids.Metric(name=name, value=value) for name, value in [
                (b"greedy_accuracy", 0.25), (b"mean", 0.125), (b"mean_low", 0.1), (b"pass_at_4", 0.5),
                (b"strict_greedy_accuracy", 0.1875)]],
            request=77)],
        counters=[counter], troubles=["worker-2 \u2013 stalled".encode()]),
}
# The same messages with fields that came later.
variants = {
    ("lease_return", "predicted"): lease.LeaseReturn(
        lease=ids.LeaseID(group=evaluation, attempt=1), outcome=lease.LEASE_OUTCOME_COMPLETED, reason=b"",
        samples=[lease.EvaluatedSample(
            verdict=rollout.Verdict(reward=1, strict_reward=1, prediction=b"4"), tokens=17, text=b"2 + 2 = 4")]),
    ("goodbye", "failed"): membership.Goodbye(reason=b"step 3 is refused", failed=True),
    ("control_request", "evaluate"): control.ControlRequest(
        verb=control.CONTROL_VERB_EVALUATE, samples=16, request=77, run_name=b"quickstart"),
}

fields = {field.message_type.full_name: field.name for field in envelope.Envelope.DESCRIPTOR.oneofs_by_name["body"].fields}
kinds = {name: fields[body.DESCRIPTOR.full_name] for name, body in bodies.items()}
assert set(fields.values()) == set(kinds.values()), set(fields.values()) ^ set(kinds.values())
target = pathlib.Path(sys.argv[1])
for name, variant, body in [(name, "", body) for name, body in bodies.items()] + [
        (name, f"_{variant}", body) for (name, variant), body in variants.items()]:
    path = target / f"{name}{variant}.bin"
    message = envelope.Envelope(
        wire_version=2, run=b"" if kinds[name] == "hello" else run, sender=b"worker-1", epoch=3, number=41, in_reply_to=7,
        **{kinds[name]: body})
    path.write_bytes(message.SerializeToString(deterministic=True))
print(f"wrote {len(bodies) + len(variants)} envelopes to {target}")

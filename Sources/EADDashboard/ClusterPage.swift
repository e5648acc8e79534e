/// The page about the run and everybody in it; a script fills it with the events of `/api/events`.
///
/// The script writes text only as text, so nothing that a run says becomes markup.
enum ClusterPage {
    static let html = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>EAD</title>
        <link rel="stylesheet" href="/style.css">
        <script src="/script.js" defer></script>
        </head>
        <body>
        <header>
        <h1 id="name">EAD</h1>
        <nav aria-label="Pages"><a href="/" aria-current="page">Cluster</a> <a href="/run">Curves and samples</a> <a href="/runs">Runs</a></nav>
        </header>
        <main>
        <p id="state" role="status">connecting</p>
        <ul id="troubles" class="troubles" hidden></ul>
        <section class="cards" aria-label="Figures of the last step">
        <div class="card"><h2>Steps</h2><p class="figure" id="steps">-</p><progress id="progress" max="1" value="0" aria-label="Steps trained"></progress></div>
        <div class="card"><h2>Reward</h2><p class="figure" id="reward">-</p><svg id="reward-trend" viewBox="0 0 300 48" preserveAspectRatio="none" role="img" aria-label="Reward by step"></svg></div>
        <div class="card"><h2>Entropy</h2><p class="figure" id="entropy">-</p><svg id="entropy-trend" viewBox="0 0 300 48" preserveAspectRatio="none" role="img" aria-label="Entropy by step"></svg></div>
        <div class="card"><h2>Idle</h2><p class="figure" id="idle">-</p><p class="quiet">workers / learner, of the last step</p></div>
        </section>
        <section><h2>Nodes</h2>
        <table><thead><tr><th>Node</th><th>Role</th><th>Health</th><th>Does</th><th>Policy</th><th>Leases</th><th>Tokens/s</th><th>Memory</th><th>Network</th><th>Waits for</th></tr></thead><tbody id="nodes"></tbody></table>
        </section>
        <section><h2>Held-out problems</h2><table><tbody id="evaluations"></tbody></table><p class="quiet" id="unevaluated">none evaluated yet</p></section>
        <details><summary>Every figure of the last step</summary><table><tbody id="figures"></tbody></table></details>
        <details><summary>Counters</summary><table><tbody id="counters"></tbody></table></details>
        </main>
        <footer class="quiet"><span id="run"></span></footer>
        </body>
        </html>

        """

    static let style = """
        :root { color-scheme: light dark; --paper: #fff; --ink: #1b1f23; --quiet: #5c646c; --rule: #dfe3e7; --panel: #f5f7f8;
          --line: #1349bd; --good: #176b4d; --bad: #b3261e; }
        @media (prefers-color-scheme: dark) { :root { --paper: #14171a; --ink: #e6e9ec; --quiet: #9aa3ab; --rule: #333a41;
          --panel: #1d2125; --line: #6c9dff; --good: #45e0a0; --bad: #ff8a80; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--paper); color: var(--ink);
          font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
        header { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; align-items: baseline; border-bottom: 1px solid var(--rule); }
        h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1rem; margin: 1.5rem 0 0.25rem; }
        nav a { color: var(--line); margin-right: 1rem; } nav a[aria-current] { color: var(--ink); text-decoration: none; font-weight: 600; }
        a:focus-visible, summary:focus-visible { outline: 2px solid var(--line); outline-offset: 2px; }
        #state { margin: 0.75rem 0; } .troubles { color: var(--bad); margin: 0 0 0.75rem; padding-left: 1.25rem; }
        .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr)); gap: 0.75rem; }
        .card { background: var(--panel); border-radius: 6px; padding: 0.6rem 0.8rem; } .card h2 { margin: 0; color: var(--quiet); font-weight: 500; }
        .card svg { display: block; width: 100%; height: 48px; } .card polyline { fill: none; stroke: var(--line); stroke-width: 2; vector-effect: non-scaling-stroke; }
        .figure { font-size: 1.6rem; margin: 0; font-variant-numeric: tabular-nums; } progress { width: 100%; accent-color: var(--line); }
        table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
        th { text-align: left; color: var(--quiet); font-weight: 600; }
        th, td { padding: 0.35rem 0.75rem 0.35rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; font-variant-numeric: tabular-nums; }
        .alive { color: var(--good); } .dead, .stalled, .absent { color: var(--bad); font-weight: 600; }
        .quiet { color: var(--quiet); font-size: 0.9rem; } details { margin: 1rem 0; } summary { cursor: pointer; }
        form { margin: 1rem 0; } input, button { font: inherit; padding: 0.35rem 0.6rem; } footer { margin-top: 2rem; }
        @media (max-width: 46rem) { thead { display: none; } tr { display: block; border-bottom: 1px solid var(--rule); padding: 0.4rem 0; }
          td { display: grid; grid-template-columns: 7.5rem 1fr; border: 0; padding: 0.1rem 0; } td::before { content: attr(data-name); color: var(--quiet); } }

        """

    static let script = """
        'use strict';
        const at = id => document.getElementById(id);
        const names = ['Node', 'Role', 'Health', 'Does', 'Policy', 'Leases', 'Tokens/s', 'Memory', 'Network', 'Waits for'];
        const steps = new Map(), evaluations = new Map();
        function duration(ms) {
          const s = Math.floor(ms / 1000);
          if (ms < 1000) return ms + ' ms';
          if (s < 60) return s + ' s';
          if (s < 3600) return Math.floor(s / 60) + ' min ' + s % 60 + ' s';
          return Math.floor(s / 3600) + ' h ' + Math.floor(s / 60) % 60 + ' min';
        }
        function number(value, decimals) { return typeof value === 'number' ? value.toFixed(decimals) : '-'; }
        function percent(value) { return typeof value === 'number' ? (100 * value).toFixed(1) + ' %' : '-'; }
        function size(bytes) {
          return bytes < 1048576 ? (bytes / 1024).toFixed(0) + ' KiB' : (bytes / 1048576).toFixed(1) + ' MiB';
        }
        const traffic = new Map();
        function network(member) {
          // Over the last ten seconds: counters come with heartbeats, which are seconds apart.
          const now = [performance.now(), member.counters.received_bytes || 0, member.counters.sent_bytes || 0];
          const seen = (traffic.get(member.node) || []).filter(one => now[0] - one[0] < 10000 && one[1] <= now[1] && one[2] <= now[2]);
          seen.push(now);
          traffic.set(member.node, seen);
          const seconds = (now[0] - seen[0][0]) / 1000;
          const rate = i => seconds > 0 ? size((now[i] - seen[0][i]) / seconds) + '/s' : size(now[i]);
          return rate(1) + ' in, ' + rate(2) + ' out';
        }
        function rows(id, list) {
          at(id).replaceChildren(...list.map(cells => {
            const row = document.createElement('tr');
            for (const cell of cells) {
              const data = document.createElement('td');
              data.dataset.name = cell.name;
              data.textContent = cell.text;
              if (cell.kind) data.className = cell.kind;
              row.append(data);
            }
            return row;
          }));
        }
        function pairs(id, values) {
          rows(id, values.map(([name, text]) => [{name: 'Name', text: name}, {name: 'Value', text}]));
        }
        function trend(id, metric) {
          const values = [...steps.keys()].sort((a, b) => a - b).map(step => steps.get(step)[metric]).filter(v => typeof v === 'number');
          const low = Math.min(...values), high = Math.max(...values), span = high - low || 1;
          const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
          line.setAttribute('points', values.map((v, i) =>
            (values.length > 1 ? 300 * i / (values.length - 1) : 150).toFixed(1) + ',' + (44 - 40 * (v - low) / span).toFixed(1)).join(' '));
          at(id).replaceChildren(line);
        }
        function show(status) {
          document.title = status.step + '/' + status.totalSteps + ' ' + status.name;
          at('name').textContent = status.name;
          at('run').textContent = 'run ' + status.run + ', controller up ' + duration(status.elapsedMilliseconds);
          const groups = status.groupsPerStep > 0 ? ', ' + status.groupsAccepted + ' of ' + status.groupsPerStep + ' groups' : '';
          const wait = status.waitingFor ? ' \\u00b7 waits ' + duration(status.waitingMilliseconds) + ' for ' + status.waitingFor : '';
          at('state').textContent = (status.healthy ? 'healthy' : 'degraded') + ', ' + status.phase + groups + wait;
          at('state').className = status.healthy ? 'alive' : 'dead';
          at('troubles').hidden = status.troubles.length === 0;
          at('troubles').replaceChildren(...status.troubles.map(text => {
            const item = document.createElement('li');
            item.textContent = text;
            return item;
          }));
          at('steps').textContent = status.step + '/' + status.totalSteps;
          at('progress').value = status.totalSteps ? status.step / status.totalSteps : 0;
          for (const step of steps.keys()) if (step >= status.step) steps.delete(step);
          for (const step of status.steps) steps.set(step.step, step.metrics);
          const last = steps.get(Math.max(-1, ...steps.keys())) || {};
          at('reward').textContent = number(last.reward, 3);
          at('entropy').textContent = number(last.entropy, 3);
          at('idle').textContent = percent(last.idle_share_workers) + ' / ' + percent(last.idle_share_learner);
          trend('reward-trend', 'reward');
          trend('entropy-trend', 'entropy');
          rows('nodes', status.members.map(member => {
            // Of a node that is not there nothing is measured.
            const isThere = member.health === 'alive' || member.health === 'stalled';
            const figures = isThere
              ? [member.activity + (member.draining ? ' (draining)' : ''), member.policyVersion, member.leases.length,
                number(member.tokensPerSecond, 0), Math.floor(member.residentBytes / 1048576) + ' MiB', network(member)]
              : ['-', '-', '-', '-', '-', '-'];
            const wait = !member.waitingFor ? '-'
              : member.waitingFor + (isThere ? ', ' + duration(member.waitingMilliseconds) : '');
            return [member.node, member.role, member.health, ...figures, wait]
              .map((text, i) => ({name: names[i], text, kind: i === 2 ? member.health : ''}));
          }));
          for (const report of status.evaluations) evaluations.set(report.version + '/' + report.samples, report);
          for (const [key, report] of evaluations) if (report.version > status.step) evaluations.delete(key);
          at('unevaluated').hidden = evaluations.size > 0;
          rows('evaluations', [...evaluations.values()].slice(-10).map(report => [
            {name: 'Policy', text: 'policy ' + report.version},
            {name: 'Greedy', text: 'greedy ' + percent(report.values.greedy_accuracy)},
            {name: 'Mean', text: 'mean ' + percent(report.values.mean)
              + (typeof report.values.mean_low === 'number' ? ' (' + percent(report.values.mean_low) + ' to ' + percent(report.values.mean_high) + ')' : '')},
            {name: 'Problems', text: report.problems + ' problems x ' + report.samples},
          ]));
          pairs('figures', Object.keys(last).sort().map(key => [key, String(last[key])]));
          pairs('counters', [['controller', status.counters], ...status.members.map(m => [m.node, m.counters])]
            .flatMap(([node, counts]) => Object.keys(counts).sort().map(key => [node + ': ' + key, String(counts[key])])));
        }
        const events = new EventSource('/api/events');
        events.onmessage = event => show(JSON.parse(event.data));
        events.onerror = () => { at('state').textContent = 'the controller does not answer; trying again'; at('state').className = 'dead'; };

        """

    static let login = """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>EAD</title><link rel="stylesheet" href="/style.css"></head>
        <body><main><h1>EAD</h1><form method="post" action="/login"><label>Token <input type="password" name="token" autocomplete="off" required autofocus></label>
        <button>Show the run</button></form></main></body></html>

        """
}

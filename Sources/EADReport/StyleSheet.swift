/// The looks of the page and of its drawings, light or dark as the reader's system is.
///
/// The six colours of arms keep apart under the three kinds of colour blindness (CIE76 distance 21 or more in each
/// simulation after Machado, 2009) and have a contrast of 3 or more to the page.
enum StyleSheet {
    static let colours: Markup = """
        :root { color-scheme: light dark;
          --paper: #ffffff; --ink: #1b1f23; --quiet: #5c646c; --rule: #dfe3e7; --panel: #f5f7f8;
          --c0: #1349bd; --c1: #d86d18; --c2: #1da277; --c3: #c171c4; --c4: #5e3901; --c5: #2b2e30;
          --r0: #3d1a5b; --r1: #3f4f8c; --r2: #2a788e; --r3: #1f9a84; --r4: #6a9a30; --r5: #a88400; }
        @media (prefers-color-scheme: dark) { :root {
          --paper: #14171a; --ink: #e6e9ec; --quiet: #9aa3ab; --rule: #333a41; --panel: #1d2125;
          --c0: #4585ff; --c1: #ef7a35; --c2: #45e0a0; --c3: #f090ea; --c4: #f2e35a; --c5: #9a9290;
          --r0: #c07ae0; --r1: #7f92f0; --r2: #4fb8d8; --r3: #3fcf9e; --r4: #a5d95a; --r5: #f5dc50; } }
        """

    /// From cold to hot tokens; the line below a token tells them apart without a background, too.
    static let temperatures: Markup = """
        :root { --t0: #1349bd; --t1: #2a788e; --t2: #6a9a30; --t3: #d86d18; --t4: #b3261e; }
        @media (prefers-color-scheme: dark) { :root {
          --t0: #6c9dff; --t1: #4fb8d8; --t2: #a5d95a; --t3: #ef7a35; --t4: #ff8a80; } }
        .t0 { --t: var(--t0); } .t1 { --t: var(--t1); } .t2 { --t: var(--t2); } .t3 { --t: var(--t3); }
        .t4 { --t: var(--t4); }
        .t0, .t1, .t2, .t3, .t4 { border-bottom: 2px solid var(--t);
          background: color-mix(in srgb, var(--t) 18%, transparent); }
        """

    static let drawing: Markup = """
        svg text { font: 11px system-ui, sans-serif; fill: var(--ink); }
        svg .title { font-size: 13px; font-weight: 600; }
        svg .unit { font-size: 11px; font-weight: 400; fill: var(--quiet); }
        svg .key { font-size: 12px; }
        svg .end { text-anchor: end; fill: var(--quiet); }
        svg .middle { text-anchor: middle; fill: var(--quiet); }
        .paper { fill: var(--paper); }
        .grid { stroke: var(--rule); }
        .axis { stroke: var(--quiet); fill: none; }
        .line { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; }
        .band { fill: currentColor; fill-opacity: 0.14; }
        .span { stroke: currentColor; stroke-opacity: 0.4; stroke-width: 2; }
        .point { fill: currentColor; }
        .dots { fill: none; stroke: currentColor; stroke-width: 2.6; stroke-linecap: round; stroke-opacity: 0.55; }
        .leader { fill: none; stroke: currentColor; stroke-dasharray: 1 3; stroke-opacity: 0.8; }
        .reference { color: var(--quiet); }
        .reference .line { stroke-dasharray: 3 4; stroke-width: 1.5; }
        .c0 { color: var(--c0); } .c1 { color: var(--c1); } .c2 { color: var(--c2); }
        .c3 { color: var(--c3); } .c4 { color: var(--c4); } .c5 { color: var(--c5); }
        .r0 { color: var(--r0); } .r1 { color: var(--r1); } .r2 { color: var(--r2); }
        .r3 { color: var(--r3); } .r4 { color: var(--r4); } .r5 { color: var(--r5); }
        .d1 .line { stroke-dasharray: 7 4; } .d2 .line { stroke-dasharray: 2 3; }
        .d3 .line { stroke-dasharray: 9 3 2 3; }
        """

    static let page: Markup = """
        body { margin: 0 auto; max-width: 64rem; padding: 1.5rem 1rem 4rem; background: var(--paper);
          color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
        h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 0.25rem; }
        h2 { font-size: 1.15rem; line-height: 1.3; margin: 3rem 0 0.25rem; }
        h3 { font-size: 1rem; margin: 2rem 0 0.5rem; }
        p { margin: 0 0 1rem; max-width: 46rem; }
        figcaption, .quiet { color: var(--quiet); font-size: 0.9rem; }
        figure { margin: 0; }
        figcaption { max-width: 46rem; margin-bottom: 0.75rem; }
        .panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr));
          gap: 1.5rem 2rem; }
        .panels svg { display: block; width: 100%; max-width: 34rem; height: auto; }
        .legend { list-style: none; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 0 0 0.75rem;
          padding: 0; font-size: 0.9rem; }
        .legend svg { width: 24px; height: 10px; margin-right: 0.4rem; vertical-align: middle; }
        table { border-collapse: collapse; width: 100%; margin: 0.75rem 0; font-size: 0.9rem; }
        th { text-align: left; font-weight: 600; color: var(--quiet); overflow-wrap: normal; }
        th, td { padding: 0.4rem 0.7rem 0.4rem 0; vertical-align: top; border-bottom: 1px solid var(--rule); }
        td { font-variant-numeric: tabular-nums; }
        th:first-child { min-width: 7.5rem; }
        td .quiet { display: block; font-size: 0.75rem; }
        .range { white-space: nowrap; }
        .wide { overflow-x: auto; }
        details { margin: 0.75rem 0; }
        summary { cursor: pointer; }
        .problem { border-top: 1px solid var(--rule); padding: 0.75rem 0; }
        .answers { display: grid; grid-template-columns: 1fr 1fr; gap: 0.75rem; }
        pre { margin: 0.25rem 0 0.5rem; padding: 0.6rem 0.75rem; background: var(--panel); border-radius: 4px;
          white-space: pre-wrap; overflow-wrap: anywhere; font: 0.82rem/1.45 ui-monospace, monospace;
          unicode-bidi: isolate; }
        @media (max-width: 46rem) {
          .answers { grid-template-columns: 1fr; }
          thead { display: none; }
          tr { display: block; border-bottom: 1px solid var(--rule); padding: 0.5rem 0; }
          td { display: grid; grid-template-columns: 8.5rem 1fr; border: 0; padding: 0.15rem 0; }
          td::before { content: attr(data-name); color: var(--quiet); }
          td > span { min-width: 0; }
        }
        """
}

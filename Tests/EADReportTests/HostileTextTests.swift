import EADCore
import EADSampling
import EADTestKit
import Foundation
import Testing

@testable import EADReport

/// No text of a run becomes part of the document.
struct HostileTextTests {
    private static let texts = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "</title></style>",
        "</pre></svg><svg onload=alert(1)>", "]]><!--", "&lt;b&gt; &#60; &", "\u{0}\u{1B}[2J\u{FFFE}", "a\r\nb\tc",
        "\u{202E}gnp.exe", "\u{1F600} \u{5D0} \u{0301}", "{{x}} ${x} `x`", "",
    ]

    private func report(_ hostile: String, withRollouts: Bool = false) -> Report {
        let samples = [
            ReportedSample(
                problem: 0, isGreedy: true, reward: 0, prompt: hostile, answer: hostile, response: hostile)
        ]
        let rollouts = [
            ReportedRollout(
                step: 4, problem: 0, reward: 1, prediction: hostile, prompt: hostile,
                tokens: [.init(text: hostile, temperature: 1), .init(text: hostile, temperature: 0.5)])
        ]
        let settings = [
            "task.kind": hostile, "training.learning_rate": hostile, "algorithm.clip_high": hostile,
            "model.precision": hostile,
        ]
        let runs = [
            Runs.run(
                hostile, seed: 1, settings: settings, samples: [0: samples, 4: samples],
                rollouts: withRollouts ? rollouts : []),
            Runs.run("b", seed: 2, settings: [:]), Runs.run(hostile + "c", seed: 3, schedule: .constant(1)),
        ]
        return Report(runs, samples: 3)
    }

    @Test(arguments: texts) func thePageAndItsFiguresStayWellFormedAndWithoutScripts(hostile: String) {
        let report = self.report(hostile, withRollouts: true)
        let allowed: Set<String> = [
            "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "table", "thead", "tbody", "tr",
            "th", "td", "span", "details", "summary", "ul", "li", "figure", "figcaption", "div", "pre", "svg", "g",
            "path", "text", "tspan", "circle", "desc", "rect",
        ]
        #expect(report.page.figures.count >= 9)
        for source in [report.page.html] + report.page.figures.map(\.svg) {
            let document = Document(source)
            #expect(document.fault == nil)
            #expect(Set(document.elements.map(\.name)).subtracting(allowed) == [])
            let attributes = document.elements.flatMap(\.attributes.keys)
            #expect(!attributes.contains { $0.hasPrefix("on") || $0 == "href" || $0 == "src" || $0 == "style" })
        }
    }

    @Test(arguments: texts) func aTextIsShownAsItIs(hostile: String) {
        let document = Document(self.report(hostile).page.html)
        let shown = document.texts(in: "pre")
        let expected = hostile.unicodeScalars.reduce(into: "") { text, scalar in
            let isForbidden =
                (scalar.value < 32 && scalar != "\n" && scalar != "\t") || (127...159).contains(scalar.value)
                || scalar.value == 0xFFFE
            text.unicodeScalars.append(isForbidden ? "\u{FFFD}" : scalar)
        }
        #expect(shown.count == 3 && shown.allSatisfy { $0 == (hostile.isEmpty ? "(empty)" : expected) }, "\(shown)")
    }

    @Test(arguments: 0..<50) func anyScalarsAreEscaped(seed: Int) {
        var random = SplitMix64(seed: seed)
        let text = String(
            String.UnicodeScalarView(
                (0..<200).compactMap { _ in
                    Unicode.Scalar(UInt32.random(in: 0...(random.chance(0.7) ? 0x7F : 0x10FFFF), using: &random))
                }))
        let markup: Markup = "<a b=\"\(text)\">\(text)</a>"
        let document = Document(markup.source)
        #expect(document.fault == nil)
        #expect(document.elements.map(\.name) == ["a"])
        #expect(document.elements.first?.attributes.keys.map(\.self) == ["b"])
    }

    @Test func thePageAsksForNothingElse() {
        let html = self.report("http://example.com").page.html
        #expect(html.contains("default-src 'none'"))
        for word in ["<script", "<link", "<img", "<iframe", "url(", "@import", "href="] {
            #expect(!html.contains(word), "\(word)")
        }
    }

    @Test func longSamplesAreCutAndSaySo() {
        let long = String(repeating: "x", count: 1600)
        let shown = Document(self.report(long).page.html).texts(in: "pre")
        #expect(shown.count == 3)
        #expect(shown.allSatisfy { $0 == String(repeating: "x", count: 1500) + " \u{2026} (100 more characters)" })
    }
}

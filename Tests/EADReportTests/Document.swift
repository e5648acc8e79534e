import EADReport
import Foundation

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// A page or drawing, read by a strict parser: what it consists of.
struct Document {
    private(set) var elements: [(name: String, attributes: [String: String])] = []
    /// The text in each element that has any, with what its children hold.
    private(set) var texts: [(element: String, text: String)] = []
    /// Nil when the document is well-formed.
    private(set) var fault: String?

    init(_ source: String) {
        let reader = Reader()
        let parser = XMLParser(data: Data(source.utf8))
        parser.delegate = reader
        if !parser.parse() { self.fault = "line \(parser.lineNumber): \(String(describing: parser.parserError))" }
        self.elements = reader.elements
        self.texts = reader.texts
    }

    func texts(in element: String) -> [String] { self.texts.filter { $0.element == element }.map(\.text) }

    private final class Reader: NSObject, XMLParserDelegate {
        var elements: [(name: String, attributes: [String: String])] = []
        var texts: [(element: String, text: String)] = []
        private var open: [(name: String, text: String)] = []

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            self.elements.append((name, attributes))
            self.open.append((name, ""))
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) {
            for index in self.open.indices { self.open[index].text += string }
        }

        func parser(
            _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
        ) {
            let (name, text) = self.open.removeLast()
            if !text.isEmpty { self.texts.append((name, text)) }
        }
    }
}

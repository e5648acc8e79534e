/// What a request is answered with.
package struct HTTPResponse: Sendable {
    package enum Body: Sendable {
        case whole([UInt8])
        /// Server-sent events, each a text that goes behind `data: `; the connection stays open until their end.
        case events(AsyncStream<String>)
    }

    package var status: Int
    package var contentType: String
    package var headers: [(name: String, value: String)]
    package var body: Body

    package init(
        status: Int = 200, type contentType: String = "text/plain; charset=utf-8",
        headers: [(name: String, value: String)] = [], text: String
    ) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = .whole(Array(text.utf8))
    }

    package init(events: AsyncStream<String>) {
        self.status = 200
        self.contentType = "text/event-stream"
        self.headers = []
        self.body = .events(events)
    }

    /// An answer for people to what cannot be served.
    package static func refusal(_ status: Int, _ reason: String) -> HTTPResponse {
        HTTPResponse(status: status, text: "\(reason)\n")
    }
}

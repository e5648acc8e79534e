/// What colours and dashes mean, as a list that wraps.
enum Legend {
    static func list(_ entries: [Figure.Entry]) -> Markup {
        guard !entries.isEmpty else { return "" }
        let items = entries.map { "<li>\(self.swatch($0.style))\($0.label)</li>" as Markup }
        return "<ul class=\"legend\">\(Markup(items))</ul>\n"
    }

    /// A short line as the arm's lines look.
    static func swatch(_ style: SeriesStyle) -> Markup {
        """
        <svg class="swatch" viewBox="0 0 24 10" width="24" height="10" aria-hidden="true"><g class="\(style.classes)">\
        <path class="line" d="M0 5h24"/></g></svg>
        """
    }
}

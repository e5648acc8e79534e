/// What a value can be changed by, behind a bar.
enum TemplateFilter: String, Sendable {
    case tojson, trim, length, count, string, join, list, items, `default`, d, replace, upper, lower, capitalize, title,
        selectattr, rejectattr, select, reject, map, safe, first, last, int, float, abs, dictsort, indent, format,
        from_json, min, max, sum, sort, unique, reverse, escape, e
}

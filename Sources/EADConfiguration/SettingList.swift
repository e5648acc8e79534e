import EADSampling

/// Every setting a cluster file can have, for the checks of its documentation.
enum SettingList {
    static var all: [SettingDescription] {
        var annealed = ClusterConfiguration()
        var constant = annealed
        constant.sampling.schedule = .constant(1)
        return [Self.list(&annealed), Self.list(&constant)].joined().reduce(into: []) { list, setting in
            if !list.contains(where: { $0.path == setting.path }) { list.append(setting) }
        }
    }

    private static func list(_ configuration: inout ClusterConfiguration) -> [SettingDescription] {
        let lister = SettingLister()
        configuration.visit(lister)
        return lister.settings
    }
}

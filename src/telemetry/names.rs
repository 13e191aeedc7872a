//! Every metric, its name, its unit and its labels, in one place.

use metrics::Unit;

/// A metric. Labels come from closed lists: never a member, a room or a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// Requests answered, by `surface` and `status` class.
    Requests,
    /// Decisions, by `company`, `network`, `act`, `kind` and `verdict` (`allow` or a reason).
    Decisions,
    /// Items taken out, withheld or masked in answers and events, by `effect`.
    Effects,
    /// Requests and answers refused before a decision, by `cause`.
    Refusals,
    /// Time spent, by `stage`: `request`, `upstream`, `answer`.
    StageSeconds,
    /// Upstream faults, by `kind`.
    UpstreamFaults,
    /// Look-ups sent upstream, by `what`.
    Lookups,
    /// Look-ups in which the gateway's own token was refused, by `status`.
    LookupsRefused,
    /// Entries in a cache, by `cache`.
    CacheEntries,
    /// Bounds that were hit, by `limit`.
    LimitHits,
    /// Client connections open.
    Connections,
    /// Whether the last reload worked: 1 or 0.
    ReloadSuccessful,
    /// When the last reload that worked was applied, seconds since 1970.
    ReloadApplied,
    /// How long the last reload took, seconds.
    ReloadSeconds,
    /// Reloads, by `result`.
    Reloads,
    /// The revision of the running policy.
    PolicyRevision,
    /// Whether the store can be read and written to: 1 or 0.
    StoreUp,
    /// 1, with the `version`.
    BuildInfo,
}

impl Name {
    /// All of them.
    pub const ALL: [Name; 18] = [
        Name::Requests,
        Name::Decisions,
        Name::Effects,
        Name::Refusals,
        Name::StageSeconds,
        Name::UpstreamFaults,
        Name::Lookups,
        Name::LookupsRefused,
        Name::CacheEntries,
        Name::LimitHits,
        Name::Connections,
        Name::ReloadSuccessful,
        Name::ReloadApplied,
        Name::ReloadSeconds,
        Name::Reloads,
        Name::PolicyRevision,
        Name::StoreUp,
        Name::BuildInfo,
    ];

    /// The name in Prometheus.
    pub const fn as_str(self) -> &'static str {
        match self {
            Name::Requests => "borderpost_http_requests_total",
            Name::Decisions => "borderpost_decisions_total",
            Name::Effects => "borderpost_effects_total",
            Name::Refusals => "borderpost_refusals_total",
            Name::StageSeconds => "borderpost_stage_duration_seconds",
            Name::UpstreamFaults => "borderpost_upstream_faults_total",
            Name::Lookups => "borderpost_lookups_total",
            Name::LookupsRefused => "borderpost_lookups_refused_total",
            Name::CacheEntries => "borderpost_cache_entries",
            Name::LimitHits => "borderpost_limit_hits_total",
            Name::Connections => "borderpost_connections",
            Name::ReloadSuccessful => "borderpost_config_last_reload_successful",
            Name::ReloadApplied => "borderpost_config_last_reload_success_timestamp_seconds",
            Name::ReloadSeconds => "borderpost_config_last_reload_duration_seconds",
            Name::Reloads => "borderpost_config_reloads_total",
            Name::PolicyRevision => "borderpost_policy_revision",
            Name::StoreUp => "borderpost_store_up",
            Name::BuildInfo => "borderpost_build_info",
        }
    }

    /// What it tells, for the `# HELP` line.
    pub const fn help(self) -> &'static str {
        match self {
            Name::Requests => "Requests answered",
            Name::Decisions => "Policy decisions about external rooms",
            Name::Effects => "Items dropped, withheld or masked in answers and events",
            Name::Refusals => "Requests refused before a decision",
            Name::StageSeconds => "Time spent in each stage of a request",
            Name::UpstreamFaults => "Faults of the upstream",
            Name::Lookups => "Look-ups the gateway sent upstream for itself",
            Name::LookupsRefused => "Look-ups in which the gateway's own token was refused",
            Name::CacheEntries => "Facts learnt from traffic and remembered",
            Name::LimitHits => "Bounds that were hit",
            Name::Connections => "Client connections open",
            Name::ReloadSuccessful => "Whether the last reload worked",
            Name::ReloadApplied => "When the last reload that worked was applied",
            Name::ReloadSeconds => "How long the last reload took",
            Name::Reloads => "Reloads",
            Name::PolicyRevision => "The revision of the running policy",
            Name::StoreUp => "Whether the store can be read and written to",
            Name::BuildInfo => "The build",
        }
    }

    /// Its unit, if it has one.
    pub const fn unit(self) -> Option<Unit> {
        match self {
            Name::StageSeconds | Name::ReloadApplied | Name::ReloadSeconds => Some(Unit::Seconds),
            _ => None,
        }
    }
}

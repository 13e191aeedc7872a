//! Grants over time, whatever happens in whatever order.

use borderpost::policy::grants::{Event, Life, Member, Provisioned, Refusal, after};
use borderpost::policy::settings::{
    Company, Connect, EncryptedRooms, History, Network, Permission, Restrict, Rules,
};
use borderpost::policy::unknown::who_fails;
use borderpost::policy::{CompanyIx, KindSet, NetworkIx, NetworkSet, Settings};
use proptest::prelude::*;

const ACME: CompanyIx = CompanyIx(0);
const NETWORKS: u8 = 3;

fn network() -> impl Strategy<Value = NetworkIx> {
    (0..NETWORKS).prop_map(NetworkIx)
}

fn networks() -> impl Strategy<Value = NetworkSet> {
    (0_u16..1 << NETWORKS).prop_map(NetworkSet)
}

fn rules() -> impl Strategy<Value = Option<Rules>> {
    let rules = (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(open, all, auto)| Rules {
        connect: if open { Connect::Allow } else { Connect::Deny },
        permission: if all {
            Permission::AllMembers
        } else {
            Permission::ByMember
        },
        auto_grant_new_members: auto && !all,
        restrict_attachments: Restrict::Nothing,
        restricted_kinds: None,
        encrypted_rooms: EncryptedRooms::Auto,
        history_on_external: History::Refuse,
        greeting: Vec::new(),
    });
    prop::option::of(rules)
}

fn settings() -> impl Strategy<Value = Settings> {
    prop::collection::vec(rules(), usize::from(NETWORKS)).prop_map(|rules| Settings {
        networks: (0..NETWORKS)
            .map(|number| Network {
                id: format!("n{number}").into(),
                requires_contact: false,
                restricted_kinds: KindSet::EMPTY,
            })
            .collect(),
        companies: vec![Company {
            id: "acme".into(),
            name: "Acme".to_owned(),
            rules,
        }],
        between_companies: None,
    })
}

fn files() -> impl Strategy<Value = Provisioned> {
    (networks(), any::<bool>()).prop_map(|(grants, suspended)| Provisioned { grants, suspended })
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Appear),
        Just(Event::Create),
        network().prop_map(Event::Grant),
        network().prop_map(Event::Revoke),
        Just(Event::Suspend),
        Just(Event::Resume),
        Just(Event::Delete),
    ]
}

/// A member after some events, each under settings and files of its own.
fn member() -> impl Strategy<Value = Member> {
    prop::collection::vec((settings(), files(), event()), 0..6).prop_map(|events| {
        let mut member = Member::default();
        for (settings, files, event) in events {
            member = then(&settings, files, member, event);
        }
        member
    })
}

/// The member afterwards; unchanged, if it was refused.
fn then(settings: &Settings, files: Provisioned, member: Member, event: Event) -> Member {
    after(settings, ACME, files, member, event).map_or(member, |change| change.member)
}

proptest! {
    #[test]
    fn the_same_once_more_changes_nothing(
        (settings, files, member, event) in (settings(), files(), member(), event())
    ) {
        if let Ok(once) = after(&settings, ACME, files, member, event) {
            let twice = after(&settings, ACME, files, once.member, event).expect("no conflict");
            prop_assert_eq!(twice.member, once.member);
            prop_assert!(twice.automatic.is_empty());
        }
    }

    #[test]
    fn grants_for_different_networks_come_in_any_order(
        (settings, files, member) in (settings(), files(), member()),
        give: bool, take: bool
    ) {
        let one = if give { Event::Grant(NetworkIx(0)) } else { Event::Revoke(NetworkIx(0)) };
        let other = if take { Event::Revoke(NetworkIx(1)) } else { Event::Grant(NetworkIx(1)) };
        prop_assume!(member.life != Life::New);
        let both = |first, second| {
            let between = then(&settings, files, member, first);
            then(&settings, files, between, second)
        };
        prop_assert_eq!(both(one, other), both(other, one));
    }

    #[test]
    fn only_who_is_new_is_granted_by_appearing(
        (settings, files, member) in (settings(), files(), member())
    ) {
        prop_assume!(member.life != Life::New);
        prop_assert_eq!(then(&settings, files, member, Event::Appear), member);
    }

    #[test]
    fn what_is_automatic_is_what_the_settings_of_that_moment_say(
        (settings, files) in (settings(), files())
    ) {
        let change = after(&settings, ACME, files, Member::default(), Event::Appear).unwrap();
        prop_assert_eq!(change.automatic, change.member.grants);
        for network in (0..NETWORKS).map(NetworkIx) {
            let auto = settings.rules(ACME, network).is_some_and(|rules| rules.auto_grant_new_members);
            let due = auto && !files.grants.contains(network);
            prop_assert_eq!(change.member.grants.contains(network), due);
        }
    }

    #[test]
    fn who_was_deleted_has_nothing_until_they_are_created(
        (settings, files, member, event) in (settings(), files(), member(), event())
    ) {
        let deleted = then(&settings, files, member, Event::Delete);
        prop_assume!(event != Event::Create);
        let later = then(&settings, files, deleted, event);
        let standing = later.standing(ACME, files);
        prop_assert!(standing.suspended && standing.grants.is_empty());
    }

    #[test]
    fn a_suspension_that_is_ended_leaves_everything_as_it_was(
        (settings, grants, held) in (settings(), networks(), networks())
    ) {
        let files = Provisioned { grants, suspended: false };
        let member = Member { life: Life::Active, grants: held };
        let suspended = then(&settings, files, member, Event::Suspend);
        prop_assert!(suspended.standing(ACME, files).suspended);
        prop_assert_eq!(then(&settings, files, suspended, Event::Resume), member);
    }

    #[test]
    fn nothing_that_happens_to_a_member_opens_a_network(
        (settings, files, member, event) in (settings(), files(), member(), event())
    ) {
        let standing = then(&settings, files, member, event).standing(ACME, files);
        for network in (0..NETWORKS).map(NetworkIx) {
            let open = settings.rules(ACME, network).is_some_and(|rules| rules.connect == Connect::Allow);
            let fails = who_fails(&settings, ACME, network, [((), standing)]).count() == 1;
            prop_assert!(open || fails);
        }
    }

    #[test]
    fn under_all_members_a_single_grant_is_a_conflict(
        (settings, files, held, network) in (settings(), files(), networks(), network())
    ) {
        let all = settings.rules(ACME, network)
            .is_some_and(|rules| rules.permission == Permission::AllMembers);
        prop_assume!(all);
        let member = Member { life: Life::Active, grants: held };
        for event in [Event::Grant(network), Event::Revoke(network)] {
            let refused = after(&settings, ACME, files, member, event);
            prop_assert_eq!(refused, Err(Refusal::AllMembers(network)));
        }
    }
}

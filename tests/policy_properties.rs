//! What holds of every policy, every room and every act.

use borderpost::policy::settings::{
    Company, Connect, EncryptedRooms, History, Network, Permission, Restrict, Rules,
};
use borderpost::policy::unknown::{
    all_are_known, buttons_off, is_hidden_from, is_unknown_to, may_use, who_fails,
};
use borderpost::policy::{
    Act, CompanyIx, Contact, ContentKind, KindSet, NetworkIx, NetworkSet, Question, Reason,
    RoomStanding, Settings, Side, Standing, Verdict, decide,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

const COMPANIES: u16 = 3;
const NETWORKS: u8 = 3;

/// A question with the people it is about, from which rooms are made again when they change.
#[derive(Clone, Debug)]
struct Scene {
    actor: Standing,
    viewer: Option<Standing>,
    act: Act,
    kinds: KindSet,
    here: Vec<Standing>,
    coming: Option<Vec<Standing>>,
    history_visible: bool,
    contact: Contact,
}

impl Scene {
    fn decide(&self, settings: &Settings) -> Verdict {
        let room = RoomStanding::of(self.here.iter().copied());
        let after = self
            .coming
            .as_ref()
            .map(|coming| room.with(coming.iter().copied()));
        let question = Question {
            actor: self.actor,
            viewer: self.viewer,
            act: self.act,
            kinds: self.kinds,
            room: &room,
            after: after.as_ref(),
            history_visible: self.history_visible,
            contact: self.contact,
        };
        decide(settings, &question)
    }

    /// The same with everybody changed.
    fn with(&self, change: impl Fn(Standing) -> Standing) -> Self {
        let all = |people: &Vec<Standing>| people.iter().copied().map(&change).collect();
        Self {
            actor: change(self.actor),
            viewer: self.viewer.map(&change),
            here: all(&self.here),
            coming: self.coming.as_ref().map(all),
            ..self.clone()
        }
    }
}

fn kinds() -> impl Strategy<Value = KindSet> {
    vec(select(ContentKind::ALL), 0..4).prop_map(|kinds| kinds.into_iter().collect())
}

fn network() -> impl Strategy<Value = Network> {
    (any::<bool>(), kinds()).prop_map(|(requires_contact, restricted_kinds)| Network {
        id: "some".into(),
        requires_contact,
        restricted_kinds,
    })
}

fn rules() -> impl Strategy<Value = Rules> {
    (
        select(&[Connect::Allow, Connect::Allow, Connect::Deny]),
        select(&[Permission::AllMembers, Permission::ByMember]),
        select(&[Restrict::Nothing, Restrict::Outbound, Restrict::Both]),
        option::of(kinds()),
        select(&[
            EncryptedRooms::Auto,
            EncryptedRooms::Refuse,
            EncryptedRooms::Pass,
        ]),
        select(&[History::Refuse, History::Allow]),
    )
        .prop_map(
            |(connect, permission, restrict, restricted_kinds, encrypted_rooms, history)| Rules {
                connect,
                permission,
                auto_grant_new_members: false,
                restrict_attachments: restrict,
                restricted_kinds,
                encrypted_rooms,
                history_on_external: history,
                greeting: Vec::new(),
            },
        )
}

fn settings() -> impl Strategy<Value = Settings> {
    let company =
        vec(option::weighted(0.8, rules()), usize::from(NETWORKS)).prop_map(|rules| Company {
            id: "some".into(),
            name: "Some".to_owned(),
            rules,
        });
    (
        vec(network(), usize::from(NETWORKS)),
        vec(company, usize::from(COMPANIES)),
        option::weighted(0.8, (0..NETWORKS).prop_map(NetworkIx)),
    )
        .prop_map(|(networks, companies, between_companies)| Settings {
            networks,
            companies,
            between_companies,
        })
}

fn person() -> impl Strategy<Value = Standing> {
    let grants = 0..1_u16 << NETWORKS;
    prop_oneof![
        6 => (0..COMPANIES, grants, prop::bool::weighted(0.1)).prop_map(|(at, grants, suspended)| {
            Standing { suspended, ..Standing::member(CompanyIx(at), NetworkSet(grants)) }
        }),
        3 => (0..NETWORKS).prop_map(|at| Standing::peer(NetworkIx(at))),
        1 => Just(Standing::UNCLASSIFIED),
    ]
}

fn scene() -> impl Strategy<Value = Scene> {
    (
        person(),
        option::weighted(0.2, person()),
        select(Act::ALL),
        kinds(),
        vec(person(), 0..4),
        option::weighted(0.4, vec(person(), 0..3)),
        any::<bool>(),
        select(&[Contact::Made, Contact::Made, Contact::Missing]),
    )
        .prop_map(
            |(actor, viewer, act, kinds, here, coming, history_visible, contact)| Scene {
                actor,
                viewer,
                act,
                kinds,
                here,
                coming,
                history_visible,
                contact,
            },
        )
}

fn allows(verdict: &Verdict) -> bool {
    verdict.block().is_none()
}

/// What a verdict says, whatever the companies and networks are called.
fn gist(verdict: &Verdict) -> Option<(Reason, Option<ContentKind>)> {
    verdict.block().map(|block| (block.reason, block.kind))
}

fn without(person: Standing, network: NetworkIx) -> Standing {
    let mut grants = person.grants;
    grants.remove(network);
    Standing { grants, ..person }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 600,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn taking_a_grant_away_never_lets_more_through(
        settings in settings(),
        scene in scene(),
        network in (0..NETWORKS).prop_map(NetworkIx),
    ) {
        let poorer = scene.with(|person| without(person, network));
        if allows(&poorer.decide(&settings)) {
            prop_assert!(allows(&scene.decide(&settings)));
        }
    }

    #[test]
    fn suspending_everybody_never_lets_more_through(settings in settings(), scene in scene()) {
        let suspended = scene.with(|person| Standing { suspended: true, ..person });
        if allows(&suspended.decide(&settings)) {
            prop_assert!(allows(&scene.decide(&settings)));
        }
    }

    #[test]
    fn a_worse_content_never_lets_more_through(
        settings in settings(),
        scene in scene(),
        kind in select(ContentKind::ALL),
    ) {
        let mut worse = scene.clone();
        worse.kinds.insert(kind);
        if allows(&worse.decide(&settings)) {
            prop_assert!(allows(&scene.decide(&settings)));
        }
    }

    #[test]
    fn what_could_not_be_classified_is_the_strictest_kind(
        settings in settings(),
        scene in scene(),
        kind in select(ContentKind::ALL),
    ) {
        let of = |kind| Scene { kinds: KindSet::of(kind), ..scene.clone() };
        if allows(&of(ContentKind::Other).decide(&settings)) && kind != ContentKind::Opaque {
            prop_assert!(allows(&of(kind).decide(&settings)));
        }
    }

    #[test]
    fn networks_in_any_order_give_the_same_verdict(settings in settings(), scene in scene()) {
        let mut turned = settings.clone();
        turned.networks.reverse();
        turned.companies.iter_mut().for_each(|company| company.rules.reverse());
        let turn = |network: NetworkIx| NetworkIx(NETWORKS - 1 - network.0);
        turned.between_companies = settings.between_companies.map(turn);
        let other = scene.with(|person| Standing {
            side: match person.side {
                Side::Network(network) => Side::Network(turn(network)),
                side => side,
            },
            grants: person.grants.iter().map(turn).collect(),
            ..person
        });
        prop_assert_eq!(gist(&scene.decide(&settings)), gist(&other.decide(&turned)));
    }

    #[test]
    fn companies_in_any_order_give_the_same_verdict(settings in settings(), scene in scene()) {
        let mut turned = settings.clone();
        turned.companies.reverse();
        let other = scene.with(|person| Standing {
            side: match person.side {
                Side::Company(at) => Side::Company(CompanyIx(COMPANIES - 1 - at.0)),
                side => side,
            },
            ..person
        });
        prop_assert_eq!(gist(&scene.decide(&settings)), gist(&other.decide(&turned)));
    }

    #[test]
    fn people_in_any_order_give_the_same_verdict(settings in settings(), scene in scene()) {
        let mut other = scene.clone();
        other.here.reverse();
        prop_assert_eq!(scene.decide(&settings), other.decide(&settings));
    }

    #[test]
    fn nothing_is_allowed_that_rules_1_and_2_forbid(settings in settings(), scene in scene()) {
        let shown = matches!(scene.act, Act::Show | Act::Download) && scene.viewer.is_some();
        let judged = !shown && scene.act != Act::Leave;
        if judged && allows(&scene.decide(&settings)) {
            let people = scene.here.iter().chain(scene.coming.iter().flatten());
            for other in people.filter(|other| !other.side.is_with(scene.actor.side)) {
                let Side::Company(_) = scene.actor.side else { continue };
                let network = match other.side {
                    Side::Company(_) => settings.between_companies,
                    Side::Network(network) => Some(network),
                    Side::Unclassified => None,
                };
                let network = network.expect("nobody is written to whom no network reaches");
                prop_assert_eq!(may_use(&settings, scene.actor, network), Ok(()));
            }
        }
    }

    #[test]
    fn what_is_shown_across_the_border_is_shown_to_the_permitted(
        settings in settings(),
        scene in scene(),
        viewer in person(),
    ) {
        let shown = Scene { act: Act::Show, viewer: Some(viewer), ..scene };
        let member = viewer.side.company().is_some() && !viewer.side.is_with(shown.actor.side);
        if member && allows(&shown.decide(&settings)) {
            let network = match shown.actor.side {
                Side::Network(network) => Some(network),
                _ => settings.between_companies,
            };
            let network = network.expect("there is a network between");
            prop_assert_eq!(may_use(&settings, viewer, network), Ok(()));
        }
    }

    #[test]
    fn another_company_is_never_named_to_a_member(settings in settings(), scene in scene()) {
        if let (Some(own), Some(block)) =
            (scene.actor.side.company(), scene.decide(&settings).block())
        {
            let reader = scene.viewer.map_or(Some(own), |viewer| viewer.side.company());
            let shown = matches!(scene.act, Act::Show | Act::Download);
            let asker = if shown { reader } else { Some(own) };
            if let (Some(asker), Some(named)) = (asker, block.company) {
                prop_assert_eq!(asker, named);
            }
            let peer_side = block.reason == Reason::PeerSideDenied;
            prop_assert!(!peer_side || (block.company.is_none() && block.kind.is_none()));
        }
    }

    #[test]
    fn what_is_allowed_in_an_external_room_is_recorded(settings in settings(), scene in scene()) {
        let room = RoomStanding::of(scene.here.iter().copied());
        if let (true, Verdict::Allow(owed)) = (room.is_external(), scene.decide(&settings)) {
            prop_assert!(owed.record);
        }
    }

    #[test]
    fn a_button_is_off_exactly_where_sending_is_blocked(
        settings in settings(),
        people in vec(person(), 0..4),
        viewer in person(),
    ) {
        let room = RoomStanding::of(people);
        let off = buttons_off(&settings, &room, viewer);
        for &kind in ContentKind::ALL {
            let question = Question {
                contact: Contact::Made,
                ..Question::new(viewer, Act::Send, KindSet::of(kind), &room)
            };
            prop_assert_eq!(off.contains(kind), !allows(&decide(&settings, &question)));
        }
    }

    #[test]
    fn nothing_can_be_sent_into_a_hidden_room(
        settings in settings(),
        people in vec(person(), 0..4),
        viewer in person(),
    ) {
        let room = RoomStanding::of(people);
        if is_hidden_from(&settings, &room, viewer).is_some() {
            prop_assert_eq!(buttons_off(&settings, &room, viewer), KindSet::all());
        }
    }

    #[test]
    fn being_unknown_goes_both_ways(settings in settings(), a in person(), b in person()) {
        prop_assert_eq!(is_unknown_to(&settings, a, b), is_unknown_to(&settings, b, a));
    }

    #[test]
    fn a_room_asked_as_a_whole_knows_who_is_unknown_in_it(
        settings in settings(),
        here in vec(person(), 0..6),
        viewer in person(),
    ) {
        let room = RoomStanding::of(here.iter().copied());
        let nobody = !here.iter().any(|person| is_unknown_to(&settings, *person, viewer));
        prop_assert_eq!(all_are_known(&settings, &room, viewer), nobody);
    }

    #[test]
    fn rule_6_names_only_colleagues_without_permission(
        settings in settings(),
        people in vec(person(), 0..6),
        company in (0..COMPANIES).prop_map(CompanyIx),
        network in (0..NETWORKS).prop_map(NetworkIx),
    ) {
        let failing: Vec<_> =
            who_fails(&settings, company, network, people.iter().copied().enumerate()).collect();
        for (at, person) in people.into_iter().enumerate() {
            let fails = person.side == Side::Company(company)
                && may_use(&settings, person, network).is_err();
            prop_assert_eq!(failing.contains(&at), fails);
        }
    }
}

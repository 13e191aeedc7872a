//! What a case lists one by one: acts, kinds, viewers.

use super::Case;
use super::reader::{Reader, get, one_or_more};
use super::setting::read_kinds;
use super::town::Town;
use crate::policy::{Act, ContentKind, KindSet, Standing};
use crate::yaml::Node;

/// One of the acts, kinds and viewers that a case lists.
#[derive(Clone, Default)]
pub(super) struct Variant<'d> {
    act: Option<Act>,
    kind: Option<ContentKind>,
    viewer: Option<(&'d str, Standing)>,
    /// What tells it from the others of its case, for its name.
    told_by: Vec<&'d str>,
}

impl Variant<'_> {
    /// The case with this in place of the list.
    pub fn of(self, case: &Case) -> Case {
        let mut case = case.clone();
        case.asked.viewer = self.viewer.map(|(_, viewer)| viewer);
        if let Some(kind) = self.kind {
            case.asked.kinds = case.asked.kinds.union(KindSet::of(kind));
        }
        case.asked.act = match (self.act, self.viewer) {
            (Some(act), _) => act,
            (None, Some(_)) => Act::Show,
            (None, None) => Act::Send,
        };
        if !self.told_by.is_empty() {
            case.name = format!("{} ({})", case.name, self.told_by.join(", "));
        }
        case
    }
}

impl<'d> Town<'d, '_> {
    /// The variants of a case: one, if it lists nothing.
    pub(super) fn variants(&self, reader: &mut Reader<'d>, node: &'d Node) -> Vec<Variant<'d>> {
        for key in ["does", "each_kind", "shown_to"] {
            if let Some(list) = get(node, key).filter(|list| one_or_more(list).is_empty()) {
                let message = format!("`{key}` lists nothing, so nothing would be asked");
                reader.wrong(list, message, "name at least one, or leave it out");
            }
        }
        let mut variants = vec![Variant::default()];
        if let Some(acts) = get(node, "does") {
            let words: Vec<_> = Act::ALL.iter().map(|act| act.as_str()).collect();
            let acts = one_or_more(acts).iter();
            let acts: Vec<_> = acts
                .filter_map(|node| reader.word::<Act>(node, "`does`", &words))
                .collect();
            variants = each(&variants, &acts, |variant, act| variant.act = Some(act));
        }
        if let Some(kinds) = get(node, "each_kind") {
            let kinds: Vec<_> = read_kinds(reader, kinds).iter().collect();
            variants = each(&variants, &kinds, |variant, kind| variant.kind = Some(kind));
        }
        if let Some(viewers) = get(node, "shown_to") {
            let nodes = one_or_more(viewers).iter();
            let viewers: Vec<_> = nodes.filter_map(|node| self.person(reader, node)).collect();
            variants = each(&variants, &viewers, |variant, to| variant.viewer = Some(to));
        }
        variants
    }
}

/// Something that a case can list.
trait Listed<'d>: Copy {
    fn told(self) -> &'d str;
}

impl<'d> Listed<'d> for Act {
    fn told(self) -> &'d str {
        self.as_str()
    }
}

impl<'d> Listed<'d> for ContentKind {
    fn told(self) -> &'d str {
        self.as_str()
    }
}

impl<'d> Listed<'d> for (&'d str, Standing) {
    fn told(self) -> &'d str {
        self.0
    }
}

/// Each variant with each of the items; named by it, where there are several.
fn each<'d, T: Listed<'d>>(
    variants: &[Variant<'d>],
    items: &[T],
    set: impl Fn(&mut Variant<'d>, T),
) -> Vec<Variant<'d>> {
    let pairs = variants
        .iter()
        .flat_map(|variant| items.iter().map(move |item| (variant, *item)));
    pairs
        .map(|(variant, item)| {
            let mut variant = variant.clone();
            if items.len() > 1 {
                variant.told_by.push(item.told());
            }
            set(&mut variant, item);
            variant
        })
        .collect()
}

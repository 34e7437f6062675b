//! Hands some replies to the wrong program.
use byourside_proto::machine::Reply;
use fastrand::Rng;

/// Hands some replies to the wrong program, as a faulty driver would. Every machine must ignore them.
pub struct ReplyRouter {
    pub random: Rng,
    pub percent: u32,
    /// A reply that is held back, with the number of its intent.
    pub misrouted: Option<(u64, Reply)>,
}

impl ReplyRouter {
    /// The reply to hand to this program, if any, and whether it is the program's own.
    pub(super) fn route(&mut self, whose: u64, reply: Reply) -> (Option<Reply>, bool) {
        if self.random.u32(..100) >= self.percent {
            return (Some(reply), true);
        }
        // A reply that comes back to its own program would not be foreign, so it is dropped.
        let other = self.misrouted.replace((whose, reply)).filter(|(of, _)| *of != whose);
        (other.map(|(_, reply)| reply), false)
    }
}

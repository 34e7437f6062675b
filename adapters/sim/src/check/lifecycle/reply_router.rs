//! A driver that hands replies to the wrong programs.
use byourside_proto::machine::Reply;
use fastrand::Rng;

/// A driver that now and then hands a reply to the wrong program: every machine must ignore it.
pub struct ReplyRouter {
    pub random: Rng,
    pub percent: u32,
    /// The number of the intent whose reply it is, and the reply.
    pub misrouted: Option<(u64, Reply)>,
}

impl ReplyRouter {
    /// The reply to hand over, if any, and whether it is the program's own.
    pub(super) fn route(&mut self, whose: u64, reply: Reply) -> (Option<Reply>, bool) {
        if self.random.u32(..100) >= self.percent {
            return (Some(reply), true);
        }
        // One of its own that comes late would be no stranger's: it is lost.
        let other = self.misrouted.replace((whose, reply)).filter(|(of, _)| *of != whose);
        (other.map(|(_, reply)| reply), false)
    }
}

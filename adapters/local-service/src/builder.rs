//! What a local service can be set to.
use crate::{
    Delivery, Exchange, LocalService, courier,
    server::{Callbacks, Server},
};
use byourside_sim::{DeliveryFaults, DeliveryOptions, Faults, ServiceOptions};
use std::{
    fmt,
    io::{Error, ErrorKind, Result},
    net::{Ipv4Addr, TcpListener},
    thread,
};
use tokio::{runtime, sync::oneshot};

/// Beyond this a century passes in an hour.
const MAX_SPEED: f64 = 1e6;

/// A local service to be set up, from [`LocalService::builder`].
#[must_use = "nothing listens before `start`"]
pub struct Builder {
    port: u16,
    speed: f64,
    seed: u64,
    options: ServiceOptions,
    faults: Faults,
    callbacks: Callbacks,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            port: 0,
            speed: 1.0,
            seed: 0,
            options: ServiceOptions {
                epoch: courier::real_time(),
                deliveries: DeliveryOptions {
                    plain_http_to_loopback: true,
                    ..DeliveryOptions::default()
                },
                ..ServiceOptions::default()
            },
            faults: Faults::default(),
            callbacks: Callbacks {
                on_request: Box::new(|_exchange| {}),
                on_delivery: Box::new(|_delivery| {}),
            },
        }
    }

    /// What goes wrong with requests and answers, and how long they take. Default: nothing. A connection that is there
    /// already can only be closed, so none is refused.
    ///
    /// ```
    /// use byourside_sim::Profile;
    /// let service = byourside_local_service::LocalService::builder().faults(Profile::Mild.faults(7)).start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// What goes wrong with deliveries. Default: nothing.
    ///
    /// ```
    /// use byourside_sim::{DeliveryFaults, Rate};
    /// let faults = DeliveryFaults { lost: Rate::percent(40), ..DeliveryFaults::default() };
    /// let service = byourside_local_service::LocalService::builder().delivery_faults(faults).start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn delivery_faults(mut self, faults: DeliveryFaults) -> Self {
        self.options.deliveries.faults = faults;
        self
    }

    /// The port to listen on, on 127.0.0.1. Default 0: any that is free.
    ///
    /// ```
    /// let service = byourside_local_service::LocalService::builder().port(0).start()?;
    /// assert_ne!(service.addr().port(), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// How many virtual seconds pass in a real one: more than 0, and at most a million. Default 1.
    ///
    /// ```
    /// // A call that takes twelve seconds is over after one fifth of one.
    /// let service = byourside_local_service::LocalService::builder().speed(60.0).start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn speed(mut self, speed: f64) -> Self {
        self.speed = speed;
        self
    }

    /// What every choice of the service comes from. Default 0.
    ///
    /// ```
    /// let service = byourside_local_service::LocalService::builder().seed(7).start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How the simulated service itself is set up. Default: as it is, but that its wall clock starts now and
    /// that events may go to plain http on a loopback host.
    ///
    /// ```
    /// use byourside_sim::ServiceOptions;
    /// let options = ServiceOptions { max_calls: 10, ..ServiceOptions::default() };
    /// let service = byourside_local_service::LocalService::builder().options(options).start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn options(mut self, options: ServiceOptions) -> Self {
        self.options = options;
        self
    }

    /// Told of every request and what became of it, one at a time, on the service's thread: while it runs, nothing is
    /// answered. An [`Exchange`] prints as one line.
    ///
    /// ```
    /// let service = byourside_local_service::LocalService::builder().on_request(|exchange| println!("{exchange}"));
    /// # service.start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn on_request(mut self, callback: impl FnMut(&Exchange) + Send + 'static) -> Self {
        self.callbacks.on_request = Box::new(callback);
        self
    }

    /// Told of every attempt to deliver an event, as [`on_request`](Self::on_request) is of requests. A [`Delivery`]
    /// prints as one line.
    ///
    /// ```
    /// let service = byourside_local_service::LocalService::builder().on_delivery(|delivery| println!("{delivery}"));
    /// # service.start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn on_delivery(mut self, callback: impl FnMut(&Delivery) + Send + 'static) -> Self {
        self.callbacks.on_delivery = Box::new(callback);
        self
    }

    /// Listens. From here on requests are answered, and virtual time passes.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a speed that is none; else what the system says: the port is taken, or there is
    /// no room for a thread.
    ///
    /// ```
    /// use byourside_local_service::LocalService;
    /// assert!(LocalService::builder().speed(-1.0).start().is_err());
    ///
    /// let service = LocalService::start()?;
    /// assert!(LocalService::builder().port(service.addr().port()).start().is_err());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn start(self) -> Result<LocalService> {
        if !(self.speed > 0.0 && self.speed <= MAX_SPEED) {
            let reason = "a speed is more than 0 and at most a million virtual seconds per second";
            return Err(Error::new(ErrorKind::InvalidInput, reason));
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))?;
        listener.set_nonblocking(true)?;
        let addr = listener.local_addr()?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _context = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let server = Server::new(self.seed, self.options, self.faults, self.speed, self.callbacks);
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::Builder::new().name("local-service".into()).spawn(move || {
            runtime.spawn(courier::run(server.clone()));
            runtime.spawn(server.accept(listener));
            // Either way it is the end: nothing is ever sent.
            let _ = runtime.block_on(stopped);
        })?;
        Ok(LocalService {
            addr,
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("port", &self.port)
            .field("speed", &self.speed)
            .field("seed", &self.seed)
            .field("options", &self.options)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}

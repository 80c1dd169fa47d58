package dev.dunlin.slirp.service;

/**
 * Sends queries to the host's name servers. Each exchange over UDP has a connected socket of its
 * own on a random port, so that an answer from anybody else never gets here and can't be guessed
 * (RFC 5452).
 */
public interface ResolverTransport {
  /** Starts an exchange over UDP. May call the listener before it returns. */
  Exchange udp(Resolver resolver, byte[] query, Listener listener);

  /**
   * Starts an exchange over TCP; the implementation adds and removes the length (RFC 1035 4.2.2).
   */
  Exchange tcp(Resolver resolver, byte[] query, Listener listener);

  /** One question under way. */
  @FunctionalInterface
  interface Exchange {
    /** Idempotent; no listener call comes after it. */
    void close();
  }

  /** On the loop. */
  interface Listener {
    /** A message came from the resolver that was asked. */
    void answered(byte[] message, long now);

    /** The resolver can't be reached or closed the connection. */
    void failed(long now);
  }
}

package dev.dunlin.slirp.service;

import dev.dunlin.slirp.wire.DnsMessage;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One query under way: asks one resolver after the other until one answers. Earlier exchanges stay
 * open while later ones run, so a slow resolver's answer still counts.
 */
final class DnsQuery {
  /** Two rounds over three resolvers, as the C library's "attempts:2". */
  static final int MOST_ATTEMPTS = 6;

  /** The guest's own resolver waits 5 s before it repeats: two of ours are asked by then. */
  static final long ATTEMPT_TIME = TimeUnit.MILLISECONDS.toNanos(1500);

  /** A connection needs its handshake, too. */
  static final long TCP_ATTEMPT_TIME = TimeUnit.SECONDS.toNanos(4);

  private final DnsMessage question;
  private final byte[] outgoing;
  private final int id;
  private final boolean tcp;
  private final List<Resolver> resolvers;
  private final ResolverTransport transport;
  private final RebindingGuard guard;
  private final DnsForwarder.Client client;
  private final DropCounters drops;
  private final List<ResolverTransport.Exchange> exchanges = new ArrayList<>();
  private byte @Nullable [] poorAnswer;
  private int attempts;
  private int failures;
  private long due;
  private boolean done;

  DnsQuery(
      DnsMessage question,
      int id,
      boolean tcp,
      List<Resolver> resolvers,
      ResolverTransport transport,
      RebindingGuard guard,
      DnsForwarder.Client client,
      DropCounters drops) {
    this.question = question;
    this.outgoing = question.withId(id);
    this.id = id;
    this.tcp = tcp;
    this.resolvers = resolvers;
    this.transport = transport;
    this.guard = guard;
    this.client = client;
    this.drops = drops;
  }

  void start(long now) {
    attempt(now);
  }

  /** Asks the next resolver, unless the attempts are used up. */
  private void attempt(long now) {
    int mostAttempts = Math.min(MOST_ATTEMPTS, 2 * resolvers.size());
    if (done || attempts >= mostAttempts) {
      return;
    }
    Resolver resolver = resolvers.get(attempts % resolvers.size());
    attempts++;
    due = now + (tcp ? TCP_ATTEMPT_TIME : ATTEMPT_TIME);
    Attempt listener = new Attempt();
    ResolverTransport.Exchange exchange =
        tcp
            ? transport.tcp(resolver, outgoing, listener)
            : transport.udp(resolver, outgoing, listener);
    if (done) {
      exchange.close(); // answered before the call returned
    } else {
      exchanges.add(exchange);
    }
  }

  private boolean hasAttemptsLeft() {
    return attempts < Math.min(MOST_ATTEMPTS, 2 * resolvers.size());
  }

  /** One resolver's part. */
  private final class Attempt implements ResolverTransport.Listener {
    private boolean failed;

    @Override
    public void answered(byte[] message, long now) {
      if (!done) {
        consider(message, now);
      }
    }

    @Override
    public void failed(long now) {
      if (!done && !failed) {
        failed = true;
        nextOrGiveUp(now);
      }
    }
  }

  /** Only the answer to this very question counts (RFC 5452 section 9.1). */
  private void consider(byte[] message, long now) {
    Optional<DnsMessage> parsed = DnsMessage.parse(message);
    boolean matches =
        parsed.isPresent()
            && parsed.get().isResponse()
            && parsed.get().id() == id
            && (!parsed.get().hasQuestion() || parsed.get().answers(question));
    if (!matches) {
      drops.count(DropReason.DNS_UNMATCHED);
      return;
    }
    DnsMessage answer = parsed.orElseThrow();
    int code = answer.responseCode();
    boolean poor =
        code == DnsMessage.SERVFAIL || code == DnsMessage.REFUSED || !answer.hasQuestion();
    if (poor) {
      poorAnswer = answer.hasQuestion() ? answer.withId(question.id()) : question.failure(code);
      nextOrGiveUp(now);
    } else if (guard.refuses(question, answer)) {
      finish(question.failure(DnsMessage.REFUSED), now);
    } else {
      finish(answer.withId(question.id()), now);
    }
  }

  /** This attempt brought nothing: the next resolver at once, or the end if all have failed. */
  private void nextOrGiveUp(long now) {
    failures++;
    // A refusal by every resolver once is enough; a second round is for lost packets.
    boolean allFailed = failures >= resolvers.size();
    if (!allFailed && hasAttemptsLeft()) {
      attempt(now);
    } else if (allFailed) {
      giveUp(now);
    }
  }

  /** The guest asked again. */
  void hurry(long now) {
    attempt(now);
  }

  /** Tells the guest the best that was heard, or SERVFAIL. */
  void giveUp(long now) {
    if (!done) {
      byte[] poor = poorAnswer;
      finish(poor != null ? poor : question.failure(DnsMessage.SERVFAIL), now);
    }
  }

  private void finish(byte[] answer, long now) {
    close();
    client.answer(answer, now);
  }

  void close() {
    done = true;
    exchanges.forEach(ResolverTransport.Exchange::close);
    exchanges.clear();
  }

  boolean isDone() {
    return done;
  }

  long delay(long now) {
    return done ? 0 : Math.max(0, due - now);
  }

  void onTime(long now) {
    if (done || due - now > 0) {
      return;
    }
    if (hasAttemptsLeft()) {
      attempt(now);
    } else {
      giveUp(now);
    }
  }
}

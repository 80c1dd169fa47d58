package dev.dunlin.bench.net;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import java.util.List;
import java.util.Optional;

/** A guest whose traffic a candidate carries: a namespace, the candidate's process, an agent. */
final class Guest implements AutoCloseable {
  private static final String LINK = "tap0";
  private static final int LAST_WORDS = 500;

  private final Candidate candidate;
  private final Lab lab;
  private final Namespace namespace;
  private final Optional<ChildProcess> carrier;
  private AgentProcess agent;

  private Guest(
      Candidate candidate,
      Lab lab,
      Namespace namespace,
      Optional<ChildProcess> carrier,
      AgentProcess agent) {
    this.candidate = candidate;
    this.lab = lab;
    this.namespace = namespace;
    this.carrier = carrier;
    this.agent = agent;
  }

  static Guest attach(Candidate candidate, Lab lab, int mtu) {
    if (candidate == Candidate.LOOPBACK) {
      AgentProcess agent = AgentProcess.start(lab.host(), "guest");
      return new Guest(candidate, lab, lab.host(), Optional.empty(), agent);
    }
    Namespace namespace = lab.namespace(candidate.label());
    Optional<ChildProcess> carrier = carry(candidate, lab, namespace, mtu);
    try {
      configure(candidate, namespace, mtu);
      AgentProcess agent = AgentProcess.start(namespace, "guest");
      return new Guest(candidate, lab, namespace, carrier, agent);
    } catch (RuntimeException | Error e) {
      carrier.ifPresent(ChildProcess::close);
      throw e;
    }
  }

  private static Optional<ChildProcess> carry(
      Candidate candidate, Lab lab, Namespace namespace, int mtu) {
    List<String> command = candidate.command(namespace, mtu);
    if (command.isEmpty()) {
      String end = "to-" + namespace.serial();
      lab.host()
          .ip("link add " + end + " type veth peer name " + LINK + " netns " + namespace.name());
      lab.host().ip("addr add " + candidate.gateway() + "/24 dev " + end);
      lab.host().ip("link set " + end + " mtu " + mtu + " up");
      lab.host().ip("route replace 10.99.0.0/24 dev " + end + " congctl cubic");
      return Optional.empty();
    }
    ChildProcess carrier = ChildProcess.start(candidate.label(), lab.host().inside(command));
    try {
      Await.until(
          candidate.label() + "'s " + LINK,
          () -> {
            if (!carrier.isAlive()) {
              throw new MeasureFailed(lastWords(carrier));
            }
            return namespace.hasLink(LINK);
          });
      return Optional.of(carrier);
    } catch (RuntimeException | Error e) {
      carrier.close();
      throw e;
    }
  }

  private static void configure(Candidate candidate, Namespace namespace, int mtu) {
    namespace.ip("link set " + LINK + " mtu " + mtu + " up");
    namespace.ip("addr add " + candidate.address() + "/24 dev " + LINK);
    String network = candidate.gateway().replaceFirst("\\d+$", "0/24");
    namespace.ip("route replace " + network + " dev " + LINK + " congctl cubic");
    namespace.ip("route replace default via " + candidate.gateway() + " congctl cubic");
  }

  Candidate candidate() {
    return candidate;
  }

  Lab lab() {
    return lab;
  }

  Namespace namespace() {
    return namespace;
  }

  /** The process whose memory and time count; the kernel has none. */
  Optional<ChildProcess> carrier() {
    return carrier;
  }

  /** A failure when the carrier has ended is the carrier's; then its last words are the reason. */
  Throwable explain(Throwable failure) {
    return carrier
        .filter(process -> !process.isAlive())
        .<Throwable>map(process -> new MeasureFailed(lastWords(process), failure))
        .orElse(failure);
  }

  private static String lastWords(ChildProcess process) {
    ChildProcess.Result result = process.awaitResult(Await.GENEROUS);
    return "it ended with status " + result.exitStatus() + ": " + tail(result.stderr());
  }

  private static String tail(String text) {
    return text.substring(Math.max(0, text.length() - LAST_WORDS)).trim();
  }

  String gateway() {
    return candidate.gateway();
  }

  /** Asks the agent; one that got stuck is replaced, and only this sample is lost. */
  double ask(Object... words) {
    try {
      return agent.ask(words);
    } catch (MeasureFailed e) {
      if (!agent.isUsable()) {
        agent.close();
        agent = AgentProcess.start(namespace, "guest");
      }
      throw e;
    }
  }

  @Override
  public void close() {
    agent.close();
    carrier.ifPresent(ChildProcess::close);
    if (namespace != lab.host()) {
      lab.remove(namespace);
    }
  }
}

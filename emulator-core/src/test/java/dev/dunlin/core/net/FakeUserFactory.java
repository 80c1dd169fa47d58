package dev.dunlin.core.net;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpType;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A user backend that opens nothing; {@code hostname=taken} fails at its start. */
final class FakeUserFactory implements NetBackendFactory {
  final List<String> log = new ArrayList<>();

  @Override
  public String type() {
    return "user";
  }

  @Override
  public ImmutableList<Parameter> qmpParameters() {
    return ImmutableList.of(
        Parameter.optional("hostname", QmpType.STRING),
        Parameter.optional("restrict", QmpType.BOOL));
  }

  @Override
  public NetBackend create(String name, KeyValueList options) throws OptionException {
    options.refuseUnknown(Set.of("hostname", "restrict", "hostfwd"));
    boolean restrict = options.bool("restrict", false);
    return new FakeBackend() {
      @Override
      public String info() {
        return "net=10.0.2.0,restrict=" + (restrict ? "on" : "off");
      }

      @Override
      public void connectedTo(OptionalInt hub) {
        hub.ifPresent(id -> log.add(name + " in hub " + id));
      }

      @Override
      public CompletionStage<Void> start() {
        log.add(name + " start");
        return options.last("hostname").filter("taken"::equals).isPresent()
            ? CompletableFuture.failedFuture(new OptionException("it is taken"))
            : CompletableFuture.completedFuture(null);
      }

      @Override
      public CompletionStage<Void> stop() {
        log.add(name + " stop");
        return CompletableFuture.completedFuture(null);
      }
    };
  }
}

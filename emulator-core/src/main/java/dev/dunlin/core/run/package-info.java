/**
 * QEMU's run states and the guest CPU's safepoints.
 *
 * <p>{@link dev.dunlin.core.run.RunStateMachine} knows which state may follow which. {@link
 * dev.dunlin.core.run.VmRunControl} moves the guest and the state together: each request (stop,
 * start, reset, a common safepoint, another CPU) waits for the one before it, so that what was
 * asked last is what holds in the end. A CPU answers in its own time and on its own thread ({@link
 * dev.dunlin.core.run.GuestCpu}); {@link dev.dunlin.core.run.VmmPort} is the ready-made one for an
 * embedding VMM. {@link dev.dunlin.core.run.CpuThrottle} slows them down. {@link
 * dev.dunlin.core.run.RunCommands} says what the monitor's commands mean.
 */
@NullMarked
package dev.dunlin.core.run;

import org.jspecify.annotations.NullMarked;

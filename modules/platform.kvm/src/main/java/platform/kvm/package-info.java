/** The KVM platform: its place in the system, and an honest answer until it exists. */
package platform.kvm;

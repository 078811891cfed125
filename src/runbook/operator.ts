/** An operator: the user's name and that of the machine where backout runs. */
export interface Operator {
	readonly user: string;
	readonly machine: string;
}

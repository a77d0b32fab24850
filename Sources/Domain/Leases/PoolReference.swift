/// How a caller names a pool: by the company's exact name, or by the client's id.
public enum PoolReference: Hashable, Sendable {
  case company(CompanyName)
  case client(ID<Client>)
}
